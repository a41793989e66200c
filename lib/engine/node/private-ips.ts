import type { EngineContext } from "../context";

/**
 * Addresses of the account's machines in one of its networks on one node.
 *
 * @param timeoutMs how long the node may take. Defaults to what questions to nodes may take.
 * @throws {GridError} TFG_NODE_UNREACHABLE, TFG_NODE_REFUSED
 */
export async function listPrivateIps(
  { nodes, signal }: Pick<EngineContext, "nodes" | "signal">,
  nodeTwinId: number,
  networkName: string,
  timeoutMs?: number,
): Promise<readonly string[]> {
  const client = await nodes();
  const payload = { network_name: networkName };
  const answer = await client.call(nodeTwinId, "zos.network.list_private_ips", payload, { signal, timeoutMs });
  return Array.isArray(answer) ? answer.map(String) : [];
}
