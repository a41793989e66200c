import { poll } from "../core/backoff";
import { GridError, hasCode } from "../core/errors";
import type { CallResult } from "../model/call";
import type { EngineContext } from "./context";
import type { DeploymentRecord } from "./deployment-target";
import { stampLost } from "./errors";
import { getFromNode } from "./node/node-deployments";
import { ownershipOf, strangeness } from "./ownership";
import { announced, enqueue, MAX_DROPS, untilFinal, whyDropped } from "./submit";

/** What a destroy needs to know to touch nothing that is not its own. */
export interface OwnedContract {
  /** The user's word for it in messages. */
  readonly title: string;
  /** Project it belongs to. */
  readonly lineage: string;
  /** What it is for in that project. */
  readonly role: string;
  /** What state remembers. */
  readonly record: DeploymentRecord;
  /** The derived salt of its deployment, by which it is known when its stamp is lost. @default only its hash tells */
  readonly salt?: string;
  /** The contract that reserves its name, to be ended with it. @default none */
  readonly nameContractId?: number;
  /** Whether another is up in its place: then it is ended though the user interrupts, or both would bill. @default false */
  readonly isReplaced?: boolean;
}

/** How long a node gets to forget a cancelled deployment. */
const FORGET_MS = 60_000;

/** How long one question to a node may take while something is destroyed: dead nodes never block. */
const ASK_MS = 3_000;

/**
 * Ends a contract. Needs the chain only: a node, relay or directory that is down delays nothing beyond one question.
 * A contract that is gone counts as done; one that carries another stamp belongs to somebody else and is left alone.
 *
 * Returns when a block holds the end; while the walk lasts, it is repeated should that block be dropped.
 *
 * @throws {GridError} TFG_STAMP_LOST for one without any stamp that cannot be told to be this state's: it may bill on
 */
export async function cancelOwned(context: EngineContext, owned: OwnedContract): Promise<void> {
  const { lasts } = await endOwned(context, owned);
  context.endings.follow(lasts());
}

/** The same, and waits until the end is final. */
export async function cancelOwnedForGood(context: EngineContext, owned: OwnedContract): Promise<void> {
  await requireLasting(context, owned.title, await endOwned(context, owned));
}

async function endOwned(context: EngineContext, owned: OwnedContract): Promise<Cancelled> {
  const { title, record } = owned;
  const { contractId } = record;
  const ending = owned.isReplaced ? { ...context, signal: new AbortController().signal } : context;
  const { nodeId, lasts } = await announced(ending, (soon) =>
    context.ownContracts.exclusively(contractId, () => endIfOwn(soon, owned)),
  );
  if (nodeId !== undefined) await awaitForgotten(context, { title, nodeId, contractId });
  return { lasts };
}

/** What is ended, and the node that has to let go of it; without one when the contract was gone or is somebody else's. */
type Ended = Cancelled & { readonly nodeId?: number };

async function endIfOwn(context: EngineContext, owned: OwnedContract): Promise<Ended> {
  const { contractId, token, hash } = owned.record;
  const contract = await context.chain.getContract(contractId, context.signal);
  const names = await namesToEnd(context, owned);
  if (contract === undefined) {
    return beginToCancel(context, names);
  }
  const { lineage, role, salt } = owned;
  const ownership = ownershipOf(context, contract, { lineage, role, token });
  if (contract.kind !== "node" || ownership === "foreign") {
    context.warn(
      `${owned.title}: contract ${contractId} was left alone`,
      "It carries the stamp of another object or state, or is another account's, which owns it now. It goes on billing its owner.",
    );
    // Made and destroyed in one walk under another name, an object leaves its former name behind.
    const current = context.ownContracts.nameOf(contractId);
    const isFormer = current !== undefined && current !== owned.nameContractId;
    return isFormer ? beginToCancel(context, names) : NOTHING;
  }
  const doubt =
    ownership === "own" ? undefined : await strangeness(context, contract, { hash, salt, timeoutMs: ASK_MS });
  if (doubt !== undefined) throw stampLost(owned.title, contractId, doubt);
  return { ...(await beginToCancel(context, [contractId, ...names])), nodeId: contract.nodeId };
}

/** The name contract, unless it has ended, is not ours, or another contract of this walk goes on with it. */
async function namesToEnd(context: EngineContext, { record, nameContractId }: OwnedContract): Promise<number[]> {
  if (nameContractId === undefined) return [];
  const holder = context.ownContracts.holderOf(nameContractId);
  if (holder !== undefined && holder !== record.contractId) return [];
  return (await isOwnName(context, nameContractId)) ? [nameContractId] : [];
}

/** Frees a name whose deployment is gone already. @param name what the contract has to reserve; any name when left out */
export async function releaseName(context: EngineContext, nameContractId: number, name?: string): Promise<void> {
  if (await isOwnName(context, nameContractId, name)) await cancelContracts(context, [nameContractId]);
}

async function isOwnName(context: EngineContext, nameContractId: number, name?: string): Promise<boolean> {
  const contract = await context.chain.getContract(nameContractId, context.signal);
  const isOwn = contract?.kind === "name" && contract.twinId === context.twinId;
  return isOwn && (name === undefined || contract.name === name);
}

/** Cancels for good; a contract that ended meanwhile counts as cancelled. */
export async function cancelContract(context: EngineContext, contractId: number): Promise<void> {
  await cancelContracts(context, [contractId]);
}

/** Cancels contracts in one and for good; those that ended meanwhile count as cancelled. */
export async function cancelContracts(context: EngineContext, contractIds: readonly number[]): Promise<void> {
  const title = `the end of contract ${contractIds.join(", ")}`;
  await requireLasting(context, title, await beginToCancel(context, contractIds));
}

/** Contracts that a block has ended. */
interface Cancelled {
  /**
   * Waits until the block is final; what a dropped block brought back is ended again.
   *
   * @throws {GridError} TFG_CHAIN_REORG when that goes on, TFG_CHAIN_NOT_FINAL
   */
  lasts(): Promise<void>;
}

const NOTHING: Cancelled = { lasts: async () => undefined };

/** Finality that stands still is worth a warning: the calls have taken effect. */
async function requireLasting(context: EngineContext, title: string, { lasts }: Cancelled): Promise<void> {
  const dropped = await whyDropped(context, title, lasts());
  if (dropped) throw dropped;
}

async function beginToCancel(context: EngineContext, contractIds: readonly number[], drops = 1): Promise<Cancelled> {
  if (contractIds.length === 0) return NOTHING;
  try {
    // No signal: a cancellation that has begun is seen through, it is what stops the billing.
    const calls = contractIds.map((contractId) => ({ kind: "cancelContract", contractId }) as const);
    const [result] = await enqueue(context, calls);
    return { lasts: () => seeThrough(context, { contractIds, result, drops }) };
  } catch (error) {
    if (!isChainRefusal(error, "ContractNotExists")) throw error;
    // One that has ended takes the cancellation of the others down with it.
    if (contractIds.length === 1) return NOTHING;
    const each: Cancelled[] = [];
    for (const contractId of contractIds) each.push(await beginToCancel(context, [contractId], drops));
    return { lasts: async () => void (await Promise.all(each.map(({ lasts }) => lasts()))) };
  }
}

async function seeThrough(
  context: EngineContext,
  begun: { readonly contractIds: readonly number[]; readonly result: CallResult | undefined; readonly drops: number },
): Promise<void> {
  const { contractIds, result, drops } = begun;
  try {
    if (result) await untilFinal(context, result.finalized);
  } catch (error) {
    if (!hasCode(error, "TFG_CHAIN_REORG") || drops >= MAX_DROPS) throw error;
    context.log("info", "cancelled again: the block was dropped", { contracts: contractIds.join(", ") });
    const { lasts } = await beginToCancel(context, contractIds, drops + 1);
    await lasts();
  }
}

/** True when the chain refused a call with the pallet error of that name. */
export function isChainRefusal(error: unknown, name: string): error is GridError {
  return hasCode(error, "TFG_CHAIN_REFUSED") && error.facts.error === name;
}

/** Waits until the node has let go of ports, addresses and names, if it answers at all. */
async function awaitForgotten(
  context: EngineContext,
  cancelled: { readonly title: string; readonly nodeId: number; readonly contractId: number },
): Promise<void> {
  try {
    const node = await context.chain.getNode(cancelled.nodeId, context.signal);
    if (node === undefined) return;
    const address = { nodeTwinId: node.twinId, contractId: cancelled.contractId };
    await poll(
      {
        clock: context.clock,
        signal: context.signal,
        firstMs: 150,
        maxMs: 3_000,
        deadlineMs: FORGET_MS,
        onTimeout: () => stillThere(cancelled),
      },
      async () => {
        const view = await getFromNode(await context.nodes(), address, { signal: context.signal, timeoutMs: ASK_MS });
        return view.kind === "present" ? undefined : view.kind;
      },
    );
  } catch (error) {
    if (context.signal.aborted) return;
    // The contract has ended, so nothing bills: what the node still does is worth a warning, never a failed destroy.
    if (!(error instanceof GridError)) throw error;
    context.warn(`${cancelled.title}: node ${cancelled.nodeId} was not heard letting go`, error.message);
  }
}

function stillThere({ title, nodeId, contractId }: { title: string; nodeId: number; contractId: number }): GridError {
  return new GridError({
    code: "TFG_NODE_LINGERS",
    summary: `Node ${nodeId} still lists ${title} a minute after its contract ended.`,
    facts: { contract: contractId },
    standing: "The contract has ended and bills no more.",
    remedy: "nothing to do; nodes compare with the chain hourly.",
  });
}
