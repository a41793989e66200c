import { GridError, hasCode } from "../../core/errors";
import { isPublicIp } from "../../model/public-address";
import type { EngineContext } from "../context";

/**
 * The public address other members of a mesh dial: IPv4 of the node's public configuration, else its IPv6, else a public
 * address of its own interface. Empty text for a hidden node.
 *
 * @throws {GridError} TFG_NODE_UNREACHABLE
 */
export async function getEndpoint(context: EngineContext, nodeTwinId: number): Promise<string> {
  const nodes = await context.nodes();
  const options = { signal: context.signal };
  try {
    const config = await nodes.call(nodeTwinId, "zos.network.public_config_get", undefined, options);
    const addresses = [textField(config, "ipv4"), textField(config, "ipv6")].map((cidr) => cidr.split("/")[0] ?? "");
    const found = addresses.find(isPublicIp);
    if (found) return found;
  } catch (error) {
    // A node without a public configuration answers with an error: that is the normal case of a hidden node.
    if (!(error instanceof GridError) || !hasCode(error, "TFG_NODE_REFUSED")) throw error;
  }
  const interfaces = await nodes.call(nodeTwinId, "zos.network.interfaces", undefined, options);
  const own = isRecord(interfaces) && Array.isArray(interfaces.zos) ? interfaces.zos : [];
  return own.map(String).find(isPublicIp) ?? "";
}

function textField(value: unknown, name: string): string {
  const field = isRecord(value) ? value[name] : undefined;
  return typeof field === "string" ? field : "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
