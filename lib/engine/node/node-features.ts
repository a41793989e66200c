import type { EngineContext } from "../context";

/**
 * What a node can do, in its own words: `zmachine`, `network-light`, `wireguard`.
 *
 * @throws {GridError} TFG_NODE_UNREACHABLE, TFG_NODE_REFUSED
 */
export async function listFeatures(context: EngineContext, nodeTwinId: number): Promise<readonly string[]> {
  const nodes = await context.nodes();
  const answer = await nodes.call(nodeTwinId, "zos.system.node_features_get", undefined, { signal: context.signal });
  return Array.isArray(answer) ? answer.map(String) : [];
}
