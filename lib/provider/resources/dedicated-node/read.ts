import { getArrears, wayOut } from "../../../engine/arrears";
import type { EngineContext } from "../../../engine/context";
import { getRentNote, rentOwnership } from "../../../engine/rent/rent";
import type { RentContract } from "../../../model/contract";
import type { RentNote } from "../../../model/rent-note";
import { isImported } from "../../deployment/deployment-private";
import { warnOfEnd } from "../../deployment/ended";
import { isOnThisGrid, originOf, readOrigin } from "../../deployment/same-grid";
import type { CallContext, StateInput, StateOutput } from "../../resource";
import { recordOf, targetOf, titleOf } from "./rent-values";

/** Refreshes a rent from the chain: contract and note. */
export async function readRent(input: StateInput, context: CallContext): Promise<StateOutput> {
  const { state } = input;
  const title = titleOf(state);
  const origin = readOrigin(input.private);
  const account = await context.session.account(context.signal);
  if (origin && !isOnThisGrid(origin, account, { title, context })) return { state: null };
  const record = recordOf(state);
  const contract = record ? await context.session.getContract(record.contractId, context.signal) : undefined;
  if (!record || contract?.kind !== "rent") {
    if (record) warnOfEnd(title, record.contractId, context);
    return { state: null };
  }
  const kept = { ...originOf(account), ...(isImported(input.private) ? { isImported: true } : {}) };
  const target = targetOf(state);
  const engine = await context.session.engine(context);
  const note = await getRentNote(engine, target.nodeId);
  if (rentOwnership(engine, { contract, note }, { ...target, token: record.token }) === "foreign") {
    context.warn(`${title}: contract ${contract.contractId} now belongs to another state`, "It is left alone.");
    return { state: { ...state, status: "handed_over" }, private: kept };
  }
  const status = await statusOf(title, { contract, note }, { engine, context });
  return { state: { ...state, status }, private: kept };
}

async function statusOf(
  title: string,
  found: { readonly contract: RentContract; readonly note: RentNote | undefined },
  { engine, context }: { readonly engine: EngineContext; readonly context: CallContext },
): Promise<string> {
  const { contract, note } = found;
  if (contract.state.kind === "GracePeriod") {
    const arrears = await getArrears(engine, contract);
    context.warn(
      `${title} is unpaid`,
      `Contract ${contract.contractId} and everything on node ${contract.nodeId} are in their grace period and paused. ${wayOut(arrears)} They end for good 14 days after the grace period began.`,
    );
    return "grace";
  }
  if (note === undefined) {
    context.warn(
      `${title}: the note about contract ${contract.contractId} is gone`,
      "Another client of the account took it away. The rent still is this state's; the next apply writes the note again.",
    );
  }
  return note?.contractId === undefined ? "pending" : "ok";
}
