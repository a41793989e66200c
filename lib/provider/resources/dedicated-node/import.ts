import { GridError } from "../../../core/errors";
import { getRentNote, isAbout } from "../../../engine/rent/rent";
import { originOf } from "../../deployment/same-grid";
import type { CallContext, StateInput } from "../../resource";
import { KIND } from "./rent-values";

/** Takes a rent that this provider made into a state. */
export async function importRent(id: string, context: CallContext): Promise<StateInput> {
  const account = await context.session.account(context.signal);
  const contract = /^\d{1,15}$/.test(id) ? await context.session.getContract(Number(id), context.signal) : undefined;
  if (contract?.kind !== "rent" || contract.twinId !== account.twinId) throw nothingToImport(id);
  const note = await getRentNote(await context.session.engine(context), contract.nodeId);
  if (!isAbout(note, contract.contractId) || !note.stamp.role.startsWith(`${KIND}/`)) throw notOurs(id);
  const { lineage, role, token } = note.stamp;
  const scope = lineage.slice(0, lineage.lastIndexOf("."));
  const identity = role.slice(KIND.length + 1);
  return {
    state: {
      project: { id: lineage, name: scope, key_scope: scope },
      name: identity.replace(/[^A-Za-z0-9_]/g, "_").slice(0, 36),
      identity,
      node_id: contract.nodeId,
      contract_id: String(contract.contractId),
      stamp: token,
      status: null,
    },
    private: { ...originOf(account), isImported: true },
  };
}

function nothingToImport(id: string): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `There is no live rent contract "${id.slice(0, 40)}" of this account to import.`,
    facts: { type: "threefold_dedicated_node", given: id.slice(0, 40), allowed: "the number of a rent contract" },
    standing: "Nothing was changed.",
    remedy: "look the contract's number up in the dashboard; check the account and the network.",
  });
}

function notOurs(id: string): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `Rent contract ${id} was made by another client.`,
    standing: "Nothing was changed.",
    remedy: "end it where it was made and let this resource rent the node; until then it cannot be managed here.",
  });
}
