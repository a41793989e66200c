import { poll } from "../core/backoff";
import { GridError, hasCode } from "../core/errors";
import type { EngineContext } from "./context";
import type { DeploymentRecord } from "./deployment-target";
import { stampLost } from "./errors";
import { getFromNode } from "./node/node-deployments";
import { ownershipOf, strangeness } from "./ownership";

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
}

/** How long a node gets to forget a cancelled deployment. */
const FORGET_MS = 60_000;

/** How long one question to a node may take while something is destroyed: dead nodes never block. */
const ASK_MS = 3_000;

/**
 * Ends a contract. Needs the chain only: a node, relay or directory that is down delays nothing beyond one question.
 * A contract that is gone counts as done; one that carries another stamp belongs to somebody else and is left alone.
 *
 * @throws {GridError} TFG_STAMP_LOST for one without any stamp that cannot be told to be this state's: it may bill on
 */
export async function cancelOwned(context: EngineContext, owned: OwnedContract): Promise<void> {
  const { contractId } = owned.record;
  const nodeId = await context.ownContracts.exclusively(contractId, () => endIfOwn(context, owned));
  if (nodeId !== undefined) await awaitForgotten(context, { title: owned.title, nodeId, contractId });
}

/** The node that has to let go of it; undefined when there was nothing to end. */
async function endIfOwn(context: EngineContext, owned: OwnedContract): Promise<number | undefined> {
  const { contractId, token, hash } = owned.record;
  const contract = await context.chain.getContract(contractId, context.signal);
  const names = await namesToEnd(context, owned);
  if (contract === undefined) {
    await cancelContracts(context, names);
    return undefined;
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
    if (current !== undefined && current !== owned.nameContractId) await cancelContracts(context, names);
    return undefined;
  }
  const doubt =
    ownership === "own" ? undefined : await strangeness(context, contract, { hash, salt, timeoutMs: ASK_MS });
  if (doubt !== undefined) throw stampLost(owned.title, contractId, doubt);
  await cancelContracts(context, [contractId, ...names]);
  return contract.nodeId;
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

/** Cancels; a contract that ended meanwhile counts as cancelled. */
export async function cancelContract(context: Pick<EngineContext, "chain">, contractId: number): Promise<void> {
  await cancelContracts(context, [contractId]);
}

/** Cancels contracts in one; those that ended meanwhile count as cancelled. */
export async function cancelContracts(
  context: Pick<EngineContext, "chain">,
  contractIds: readonly number[],
): Promise<void> {
  if (contractIds.length === 0) return;
  try {
    // No signal: a cancellation that has begun is seen through, it is what stops the billing.
    await context.chain.submit(contractIds.map((contractId) => ({ kind: "cancelContract", contractId })));
  } catch (error) {
    if (!isChainRefusal(error, "ContractNotExists")) throw error;
    // One that has ended takes the cancellation of the others down with it.
    if (contractIds.length === 1) return;
    for (const contractId of contractIds) await cancelContracts(context, [contractId]);
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
  const node = await context.chain.getNode(cancelled.nodeId, context.signal);
  if (node === undefined) return;
  const address = { nodeTwinId: node.twinId, contractId: cancelled.contractId };
  try {
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
