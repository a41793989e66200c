import { poll } from "../core/backoff";
import { GridError, hasCode } from "../core/errors";
import type { Contract } from "../model/contract";
import { decodeStamp, type Stamp, sameStamp } from "../model/deployment-data";
import type { EngineContext } from "./context";
import type { DeploymentRecord } from "./deployment-target";
import { getFromNode } from "./node/node-deployments";

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
}

/** How long a node gets to forget a cancelled deployment. */
const FORGET_MS = 60_000;

/** How long one question to a node may take while something is destroyed: dead nodes never block. */
const ASK_MS = 3_000;

/**
 * Ends a contract. Needs the chain only: a node, relay or directory that is down delays nothing beyond one question.
 * A contract that is gone counts as done; one that carries another stamp belongs to somebody else and is left alone.
 */
export async function cancelOwned(context: EngineContext, owned: OwnedContract): Promise<void> {
  const { contractId } = owned.record;
  const nodeId = await context.ownContracts.exclusively(contractId, () => endIfOwn(context, owned));
  if (nodeId !== undefined) await awaitForgotten(context, { title: owned.title, nodeId, contractId });
}

/** True when a contract still carries the very stamp that was written on it. */
export function isStamped(context: Pick<EngineContext, "twinId">, contract: Contract | undefined, own: Stamp): boolean {
  if (contract?.kind !== "node" || contract.twinId !== context.twinId) return false;
  const stamp = decodeStamp(contract.deploymentData);
  return stamp !== undefined && sameStamp(stamp, own);
}

/** The node that has to let go of it; undefined when there was nothing to end. */
async function endIfOwn(context: EngineContext, owned: OwnedContract): Promise<number | undefined> {
  const { contractId, token } = owned.record;
  const contract = await context.chain.getContract(contractId, context.signal);
  if (contract === undefined) return undefined;
  const { lineage, role } = owned;
  if (contract.kind !== "node" || !isStamped(context, contract, { lineage, role, token })) {
    context.warn(
      `${owned.title}: contract ${contractId} was left alone`,
      "It carries the stamp of another object, state or client, which owns it now. It goes on billing its owner.",
    );
    return undefined;
  }
  await cancelContract(context, contractId);
  return contract.nodeId;
}

/** Cancels; a contract that ended meanwhile counts as cancelled. */
export async function cancelContract(context: Pick<EngineContext, "chain">, contractId: number): Promise<void> {
  try {
    // No signal: a cancellation that has begun is seen through, it is what stops the billing.
    await context.chain.submit([{ kind: "cancelContract", contractId }]);
  } catch (error) {
    if (isChainRefusal(error, "ContractNotExists")) return;
    throw error;
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
