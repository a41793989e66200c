import { GridError, hasCode } from "../../core/errors";
import type { NodeClient } from "../../grid/clients";
import type { NodeContract } from "../../model/contract";
import { type Deployment, parseDeployment, parseWorkload } from "../../model/deployment";
import type { AnyWorkload } from "../../model/workloads/workload";
import type { EngineContext } from "../context";

/** What a node says of one deployment. */
export type NodeView =
  /** It has it. */
  | { readonly kind: "present"; readonly deployment: Deployment }
  /** It answered that it knows nothing of it. */
  | { readonly kind: "absent" }
  /** It was not heard from. */
  | { readonly kind: "unreachable"; readonly cause: GridError };

/** Which deployment, and on which node's twin. */
export interface DeploymentAddress {
  /** Twin of the node. */
  readonly nodeTwinId: number;
  /** The node contract. */
  readonly contractId: number;
}

/** How long one question to a node may take. */
interface AskOptions {
  readonly signal: AbortSignal;
  /** @default 20 000 */
  readonly timeoutMs?: number;
}

/** Asks a node for a deployment. Being unreachable is an answer here, not an error. */
export async function getFromNode(
  nodes: NodeClient,
  address: DeploymentAddress,
  options: AskOptions,
): Promise<NodeView> {
  try {
    const reply = await nodes.call(
      address.nodeTwinId,
      "zos.deployment.get",
      { contract_id: address.contractId },
      options,
    );
    return { kind: "present", deployment: parseDeployment(reply) };
  } catch (error) {
    if (isNotFound(error)) return { kind: "absent" };
    if (isUnreachable(error)) return { kind: "unreachable", cause: error };
    throw error;
  }
}

/** How long a refresh waits for one node: dead nodes warn, they do not block. */
const REFRESH_MS = 5_000;

/**
 * Asks a contract's node for its deployment, for a refresh. A node that left the chain or makes no sense counts as
 * unreachable, and so does one that is kept from us by the relay: a refresh comes before every destroy and must not fail.
 */
export async function viewContract(context: EngineContext, contract: NodeContract): Promise<NodeView> {
  const node = await context.chain.getNode(contract.nodeId, context.signal);
  if (!node) return { kind: "unreachable", cause: nodeLeft(contract.nodeId) };
  const address = { nodeTwinId: node.twinId, contractId: contract.contractId };
  const nodes = await context.nodes();
  try {
    return await getFromNode(nodes, address, { signal: context.signal, timeoutMs: REFRESH_MS });
  } catch (error) {
    if (context.signal.aborted || !(error instanceof GridError)) throw error;
    return { kind: "unreachable", cause: error };
  }
}

/** The whole history of a deployment's workloads, oldest first; undefined when the node knows nothing of it. */
export async function getChanges(
  nodes: NodeClient,
  address: DeploymentAddress,
  options: AskOptions,
): Promise<readonly AnyWorkload[] | undefined> {
  try {
    const reply = await nodes.call(
      address.nodeTwinId,
      "zos.deployment.changes",
      { contract_id: address.contractId },
      options,
    );
    return parseChanges(reply);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** True for a node or relay that was not heard from. */
export function isUnreachable(error: unknown): error is GridError {
  return hasCode(error, "TFG_NODE_UNREACHABLE") || hasCode(error, "TFG_RELAY_UNREACHABLE");
}

/** The text a node refused a call with; undefined for any other failure. */
export function refusalOf(error: unknown): string | undefined {
  return hasCode(error, "TFG_NODE_REFUSED") ? String(error.facts["node said"] ?? "") : undefined;
}

function isNotFound(error: unknown): boolean {
  return /deployment not found|deployment does not exist/.test(refusalOf(error) ?? "");
}

function parseChanges(reply: unknown): readonly AnyWorkload[] {
  if (reply === null || reply === undefined) return [];
  if (!Array.isArray(reply)) {
    throw new GridError({
      code: "TFG_NODE_ANSWER",
      summary: "A node answered with something that is no list of workloads.",
      // Workloads hold passwords and environments: what came in place of their list may, too.
      facts: { "it sent": typeof reply },
      standing: "Nothing was changed by this question.",
      remedy: "try again, or place the workload on another node.",
      retryable: true,
    });
  }
  return reply.map((entry, index) => parseWorkload(entry, `changes[${index}]`));
}

function nodeLeft(nodeId: number): GridError {
  return new GridError({
    code: "TFG_NODE_UNREACHABLE",
    summary: `Node ${nodeId} is no longer on the chain.`,
    standing: "What ran on it is lost.",
    remedy: "replace the object to place it on another node.",
  });
}
