import { GridError } from "../../core/errors";
import type { ContractCall } from "../../model/call";
import type { RentContract } from "../../model/contract";
import { encodeRentNote, rentNoteKey } from "../../model/rent-note";
import { getArrears } from "../arrears";
import { isChainRefusal } from "../cancel-contract";
import type { EngineContext } from "../context";
import { contractGone, handedOver, inGrace, unknownNode } from "../errors";
import { notReplaceable } from "../replacement";
import { submit, submitForGood, whyDropped } from "../submit";
import { holderOf, listHolders } from "./holders";
import {
  getRentNote,
  isAbout,
  isOwnNote,
  type ObservedRent,
  observeRent,
  type RentRecord,
  type RentTarget,
  rentOwnership,
  type StandingRent,
} from "./rent";
import { nodeInUse, rentedByOther, rentedElsewhere } from "./rent-errors";

/**
 * Rents a node, or finds the rent that an earlier, lost run made for this very object. Safe to interrupt and to repeat.
 *
 * @param prior what state remembers; undefined when it remembers nothing
 * @throws {GridError} TFG_NO_NODE, TFG_NODE_RENTED, TFG_OWNED_ELSEWHERE, TFG_NODE_IN_USE, TFG_GRACE: nothing was made
 */
export async function rentNode(
  context: EngineContext,
  target: RentTarget,
  prior: RentRecord | undefined,
): Promise<StandingRent> {
  if (prior) return keepRent(context, target, prior);
  const node = await context.chain.getNode(target.nodeId, context.signal);
  if (!node) throw unknownNode(target.nodeId, target.title);
  // What a run that was killed a moment ago has sent is found only once a block holds it.
  await context.chain.settleEarlier(context.signal);
  const observed = await observeRent(context, target.nodeId);
  if (observed.contract) return adoptRent(context, target, { ...observed, contract: observed.contract });
  await requireFree(context, target, observed);
  try {
    return await makeRent(context, target);
  } catch (error) {
    // What an interrupted run sent moments ago may have got into a block only now; or somebody else was quicker.
    if (!isChainRefusal(error, "NodeHasRentContract")) throw error;
    const now = await observeRent(context, target.nodeId);
    if (!now.contract) throw error;
    return adoptRent(context, target, { ...now, contract: now.contract });
  }
}

/** The rent in state, if it is still ours: all there is to do is to finish its note, or to write it again. */
async function keepRent(context: EngineContext, target: RentTarget, prior: RentRecord): Promise<StandingRent> {
  const { contractId, token } = prior;
  const contract = await context.chain.getContract(contractId, context.signal);
  if (contract?.kind !== "rent") throw contractGone(target.title, contractId);
  const note = await getRentNote(context, target.nodeId);
  if (rentOwnership(context, { contract, note }, { ...target, token }) === "foreign") {
    throw handedOver(target, contractId, note?.stamp);
  }
  if (note?.contractId === contractId) return { contractId, token, isNoted: true };
  return noted(context, target, { contractId, token });
}

/** Takes over a rent of this lineage and role by writing a fresh token into its note. */
async function adoptRent(
  context: EngineContext,
  target: RentTarget,
  { contract, note }: ObservedRent & { readonly contract: RentContract },
): Promise<StandingRent> {
  requireOurs(context, target, { contract, note });
  const { contractId } = contract;
  if (contract.state.kind === "GracePeriod") {
    throw inGrace(target.title, contractId, await getArrears(context, contract));
  }
  const token = context.randomHex(8);
  const calls = [noteOf(target, { contractId, token })];
  await context.ownContracts.exclusively(contractId, () => submitForGood(context, target.title, calls));
  return { contractId, token, isNoted: true };
}

/**
 * Asks whether another node can be rented instead, before the rent of this one is ended: afterwards it may be gone.
 *
 * @throws {GridError} TFG_REPLACEMENT
 */
export async function requireRentable(
  context: EngineContext,
  standing: RentTarget & { readonly record: RentRecord },
  nodeId: number,
): Promise<void> {
  const target = { ...standing, nodeId };
  try {
    const node = await context.chain.getNode(nodeId, context.signal);
    if (!node) throw unknownNode(nodeId, standing.title);
    const observed = await observeRent(context, nodeId);
    const { contract, note } = observed;
    if (contract === undefined) return await requireFree(context, target, observed);
    requireOurs(context, target, { contract, note });
  } catch (error) {
    if (!(error instanceof GridError) || context.signal.aborted) throw error;
    throw notReplaceable({ title: standing.title, contractId: standing.record.contractId }, error);
  }
}

/** Refuses a rent that is not of this lineage and role. */
function requireOurs(
  { twinId }: EngineContext,
  target: RentTarget,
  { contract, note }: Pick<ObservedRent, "note"> & { readonly contract: RentContract },
): void {
  const { contractId } = contract;
  if (contract.twinId !== twinId) throw rentedByOther(target, contract.twinId);
  const stamp = isAbout(note, contractId) ? note.stamp : undefined;
  if (stamp?.lineage === target.lineage && stamp.role === target.role) return;
  throw rentedElsewhere(target, contractId, stamp);
}

/** Refuses a node that the chain would not let us have, naming who is in the way. */
async function requireFree(context: EngineContext, target: RentTarget, { tenancy }: ObservedRent): Promise<void> {
  if (tenancy.isInDedicatedFarm) return;
  const holders = await listHolders(context, tenancy.contractIds);
  if (holders.length > 0)
    throw nodeInUse(
      target,
      holders.map((contract) => holderOf(context, contract)),
    );
}

/** Contract and note come into being together: a run that dies at any moment has made both or neither. */
async function makeRent(context: EngineContext, target: RentTarget): Promise<StandingRent> {
  const { nodeId, lineage, role } = target;
  const token = context.randomHex(8);
  const value = encodeRentNote({ stamp: { lineage, role, token }, contractId: undefined });
  const [made] = await submit(context, [
    { kind: "createRentContract", nodeId },
    { kind: "setNote", key: rentNoteKey(nodeId), value },
  ]);
  if (!made) throw new Error("the chain gave no result for a contract it made");
  const { contractId } = made;
  context.log("info", "rent made", { contract: contractId, node: nodeId, for: target.title });
  const [standing, dropped] = await Promise.all([
    noted(context, target, { contractId, token }),
    whyDropped(context, target.title, made.finalized),
  ]);
  return dropped ? followRent(context, target, { contractId, token, dropped }) : standing;
}

/** Another block may have made the rent under another number, which its note has to say. */
async function followRent(
  context: EngineContext,
  target: RentTarget,
  { dropped, ...made }: RentRecord & { readonly dropped: GridError },
): Promise<StandingRent> {
  const { contract, note } = await observeRent(context, target.nodeId);
  const { token } = made;
  if (contract?.twinId !== context.twinId || !isOwnNote(note, { ...target, token })) throw dropped;
  return noted(context, target, { contractId: contract.contractId, token });
}

/**
 * Writes the contract's number into its note, so that a rent which another client makes of the same node later is never
 * taken for this one. The rent stands whatever becomes of that: the next run finishes it.
 */
async function noted(context: EngineContext, target: RentTarget, record: RentRecord): Promise<StandingRent> {
  try {
    // A dropped block can leave the note as it was made, with the same stamp: the rent is known by that one, too.
    await submit(context, [noteOf(target, record)]);
    return { ...record, isNoted: true };
  } catch (error) {
    if (!context.signal.aborted && !(error instanceof GridError)) throw error;
    const reason = error instanceof GridError ? error.summary : "It was interrupted.";
    context.warn(
      `${target.title} is not finished`,
      `${reason} Node ${target.nodeId} is rented under contract ${record.contractId}; run again to finish its note.`,
    );
    return { ...record, isNoted: false };
  }
}

function noteOf({ lineage, role, nodeId }: RentTarget, { contractId, token }: RentRecord): ContractCall {
  const value = encodeRentNote({ stamp: { lineage, role, token }, contractId });
  return { kind: "setNote", key: rentNoteKey(nodeId), value };
}
