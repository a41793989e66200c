/** Whose a contract is that a state has the number of. */
import type { Contract, NodeContract } from "../model/contract";
import { decodeStamp, type Stamp, sameStamp } from "../model/deployment-data";
import type { EngineContext } from "./context";
import { getFromNode, type NodeView } from "./node/node-deployments";

/** How a contract stands to a state that knows its number. */
export type Ownership =
  /** It carries the stamp that this state wrote. */
  | "own"
  /** It is our twin's and carries no stamp at all: another client rewrote its text, or made the contract. */
  | "unstamped"
  /** It carries the stamp of another object or state, or is another twin's: it was handed over. */
  | "foreign";

/** What tells a contract that lost its stamp: no other client can have either by chance. */
export interface Marks {
  /** Hash that this state wrote. */
  readonly hash: string;
  /** The derived salt that the description of its deployment ends with; undefined when it is not known. */
  readonly salt: string | undefined;
}

/** Looks at twin and stamp alone. */
export function ownershipOf(
  { twinId }: Pick<EngineContext, "twinId">,
  contract: Contract | undefined,
  own: Stamp,
): Ownership {
  if (contract?.kind !== "node" || contract.twinId !== twinId) return "foreign";
  const stamp = decodeStamp(contract.deploymentData);
  if (stamp === undefined) return "unstamped";
  return sameStamp(stamp, own) ? "own" : "foreign";
}

/** True when a contract still carries the very stamp that was written on it. */
export function isStamped(
  context: Pick<EngineContext, "twinId">,
  contract: Contract | undefined,
  own: Stamp,
): contract is NodeContract {
  return ownershipOf(context, contract, own) === "own";
}

/** Whether a contract without a stamp is the one that state knows, and not another with its number after a dropped block. */
export function isRecognised({ deploymentHash }: NodeContract, { hash, salt }: Marks, view: NodeView): boolean {
  if (deploymentHash === hash) return true;
  return salt !== undefined && view.kind === "present" && view.deployment.description.endsWith(salt);
}

/** Why a contract without a stamp is not known to be this state's; undefined when it is. Its node is asked when the hash does not tell. */
export async function strangeness(
  context: EngineContext,
  contract: NodeContract,
  known: Marks & { readonly timeoutMs?: number },
): Promise<string | undefined> {
  const { nodeId, contractId } = contract;
  if (contract.deploymentHash === known.hash) return undefined;
  const node = await context.chain.getNode(nodeId, context.signal);
  if (!node) return `its hash is another, and node ${nodeId} is no longer on the chain`;
  const options = { signal: context.signal, timeoutMs: known.timeoutMs };
  const view = await getFromNode(await context.nodes(), { nodeTwinId: node.twinId, contractId }, options);
  if (isRecognised(contract, known, view)) return undefined;
  const said = { present: "runs something else", absent: "does not have it", unreachable: "does not answer" };
  return `its hash is another, and node ${nodeId} ${said[view.kind]}`;
}

/** The derived salt in the description of a deployment. */
export function saltIn(description: string): string | undefined {
  return /[0-9a-f]{32}$/.exec(description)?.[0];
}
