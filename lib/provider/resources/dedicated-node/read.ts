import { getRentNote, isAbout, isOwnNote } from "../../../engine/rent/rent";
import type { RentContract } from "../../../model/contract";
import type { RentNote } from "../../../model/rent-note";
import { isImported } from "../../deployment/deployment-private";
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
  if (!record || contract?.kind !== "rent") return { state: null };
  const kept = { ...originOf(account), ...(isImported(input.private) ? { isImported: true } : {}) };
  const target = targetOf(state);
  const note = await getRentNote(await context.session.engine(context), target.nodeId);
  const isOwn =
    contract.twinId === account.twinId &&
    isAbout(note, contract.contractId) &&
    isOwnNote(note, { ...target, token: record.token });
  if (!isOwn) {
    context.warn(`${title}: contract ${contract.contractId} now belongs to another state`, "It is left alone.");
    return { state: { ...state, status: "handed_over" }, private: kept };
  }
  return { state: { ...state, status: statusOf(title, { contract, note }, context) }, private: kept };
}

function statusOf(
  title: string,
  found: { readonly contract: RentContract; readonly note: RentNote },
  context: CallContext,
): string {
  const { contract, note } = found;
  if (contract.state.kind === "GracePeriod") {
    context.warn(
      `${title} is unpaid`,
      `Contract ${contract.contractId} and everything on node ${contract.nodeId} are in their grace period and paused. Send TFT to the account: they resume with the next bill, and end for good 14 days after the grace period began.`,
    );
    return "grace";
  }
  return note.contractId === undefined ? "pending" : "ok";
}
