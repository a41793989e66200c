import { hasCode } from "../../core/errors";
import type { EngineContext } from "../context";
import { nodeDown, unknownNode } from "../errors";

/** What is to be made, and where. */
export interface Intent {
  /** Node it is meant for. */
  readonly nodeId: number;
  /** The user's word for it. */
  readonly title: string;
}

/**
 * Asks a node something before anything is made on it, so that a node that is down or does not exist costs nothing.
 *
 * @param ask gets the node's twin
 * @throws {GridError} TFG_NO_NODE, TFG_NODE_UNREACHABLE
 */
export async function askFirst<T>(
  context: EngineContext,
  intent: Intent,
  ask: (nodeTwinId: number) => Promise<T>,
): Promise<T> {
  const node = await context.chain.getNode(intent.nodeId, context.signal);
  if (!node) throw unknownNode(intent.nodeId, intent.title);
  try {
    return await ask(node.twinId);
  } catch (error) {
    throw hasCode(error, "TFG_NODE_UNREACHABLE") ? nodeDown(intent, error) : error;
  }
}
