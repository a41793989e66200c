import { poll } from "../../core/backoff";
import { GridError, hasCode } from "../../core/errors";
import type { CallResult } from "../../model/call";
import type { NodeContract } from "../../model/contract";
import { decodeStamp } from "../../model/deployment-data";
import { rentNoteKey } from "../../model/rent-note";
import { cancelContract, isChainRefusal } from "../cancel-contract";
import type { EngineContext } from "../context";
import { enqueue, untilFinal } from "../submit";
import { holderOf, listHolders } from "./holders";
import { getRentNote, isOwnNote, type RentRecord, type RentTarget, rentOwnership } from "./rent";
import { rentStillUsed } from "./rent-errors";

/** How long a rent waits for what its own project still has on the node and is ending just now. */
const LEAVE_MS = 60_000;

/** A rent that may be ended: what state remembers of it. */
export interface OwnedRent extends RentTarget {
  readonly record: RentRecord;
}

/**
 * Gives a node back. Needs the chain only. A rent that is gone counts as done; one whose note is another's belongs to
 * somebody else and is left alone.
 *
 * @throws {GridError} TFG_NODE_IN_USE while contracts stand on the node that nobody is about to end
 */
export async function endRent(context: EngineContext, owned: OwnedRent): Promise<void> {
  await context.ownContracts.exclusively(owned.record.contractId, () => endIfOwn(context, owned));
}

async function endIfOwn(context: EngineContext, owned: OwnedRent): Promise<void> {
  const { contractId, token } = owned.record;
  const [contract, note] = await Promise.all([
    context.chain.getContract(contractId, context.signal),
    getRentNote(context, owned.nodeId),
  ]);
  const own = { ...owned, token };
  if (contract === undefined) {
    if (isOwnNote(note, own)) await forget(context, owned);
    return;
  }
  if (contract.kind !== "rent" || rentOwnership(context, { contract, note }, own) === "foreign") {
    context.warn(
      `${owned.title}: contract ${contractId} was left alone`,
      "It was noted down for another object, state or client, which owns it now. It goes on billing its owner.",
    );
    return;
  }
  await endWhenEmpty(context, owned);
}

/** Machines and networks on the node end first; those of this project may be on their way out at this very moment. */
async function endWhenEmpty(context: EngineContext, owned: OwnedRent): Promise<void> {
  const { title, nodeId, lineage } = owned;
  const { contractId } = owned.record;
  let left: readonly NodeContract[] = [];
  const inTheWay = () =>
    rentStillUsed(
      { title, nodeId, contractId },
      left.map((contract) => holderOf(context, contract)),
    );
  const { clock, signal } = context;
  await poll({ clock, signal, firstMs: 300, maxMs: 3_000, deadlineMs: LEAVE_MS, onTimeout: inTheWay }, async () => {
    left = await listHolders(context, await context.chain.getNodeContractIds(nodeId, signal));
    if (left.some((contract) => !isOfProject(context, contract, lineage))) throw inTheWay();
    return left.length === 0 ? cancel(context, owned) : undefined;
  });
}

/** Only what the same project made can be expected to go by itself. */
function isOfProject({ twinId }: EngineContext, contract: NodeContract, lineage: string): boolean {
  return contract.twinId === twinId && decodeStamp(contract.deploymentData)?.lineage === lineage;
}

/** Contract and note end together. Undefined when a contract has just come between. */
async function cancel(context: EngineContext, owned: OwnedRent): Promise<true | undefined> {
  try {
    // No signal: a cancellation that has begun is seen through, it is what stops the billing.
    const [ended] = await enqueue(context, [
      { kind: "cancelContract", contractId: owned.record.contractId },
      { kind: "deleteNote", key: rentNoteKey(owned.nodeId) },
    ]);
    if (ended) context.endings.follow(seeThrough(context, owned, ended.finalized));
  } catch (error) {
    if (isChainRefusal(error, "NodeHasActiveContracts")) return undefined;
    // A note that somebody took away takes the cancellation down with it.
    if (isChainRefusal(error, "NoValueStored")) return cancelAlone(context, owned);
    if (!isChainRefusal(error, "ContractNotExists")) throw error;
    await forget(context, owned);
  }
  return true;
}

/** What a dropped block brought back is ended again. */
async function seeThrough(context: EngineContext, owned: OwnedRent, finalized: CallResult["finalized"]): Promise<void> {
  try {
    await untilFinal(context, finalized);
  } catch (error) {
    if (!hasCode(error, "TFG_CHAIN_REORG")) throw error;
    context.log("info", "cancelled again: the block was dropped", { contract: owned.record.contractId });
    await endRent(context, owned);
  }
}

async function cancelAlone(context: EngineContext, { record }: OwnedRent): Promise<true | undefined> {
  try {
    await cancelContract(context, record.contractId);
    return true;
  } catch (error) {
    if (isChainRefusal(error, "NodeHasActiveContracts")) return undefined;
    throw error;
  }
}

/** Clears away the note of a rent that has ended; what is left of it harms nobody. */
async function forget(context: EngineContext, { title, nodeId }: OwnedRent): Promise<void> {
  try {
    await enqueue(context, [{ kind: "deleteNote", key: rentNoteKey(nodeId) }]);
  } catch (error) {
    if (!(error instanceof GridError)) throw error;
    context.warn(`${title}: a note about its rent stays on the chain`, error.summary);
  }
}
