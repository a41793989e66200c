import { GridError, hasCode } from "../../core/errors";
import type { EngineContext } from "../context";
import { askFirst, type Intent } from "./ask-first";

/** What a node tells of itself as a web gateway. */
export interface GatewayFacts {
  /** Names are served under it; empty when it has none. */
  readonly domain: string;
  /** Its public IPv4 and IPv6, in this order, as far as it has them. */
  readonly addresses: readonly string[];
}

/**
 * Asks a node whether it is a web gateway, before anything is made on it.
 *
 * @throws {GridError} TFG_NO_GATEWAY for a node without a public configuration; TFG_NO_NODE, TFG_NODE_UNREACHABLE
 */
export async function getGatewayFacts(context: EngineContext, intent: Intent): Promise<GatewayFacts> {
  return askFirst(context, intent, async (nodeTwinId) => {
    const nodes = await context.nodes();
    try {
      const options = { signal: context.signal };
      return readFacts(await nodes.call(nodeTwinId, "zos.network.public_config_get", undefined, options));
    } catch (error) {
      // A node without a public configuration answers with an error.
      throw hasCode(error, "TFG_NODE_REFUSED") ? noGateway(intent) : error;
    }
  });
}

/** The node cannot serve what was asked of it. */
export function noGateway({ nodeId, title }: Intent, lacks = "a public configuration"): GridError {
  return new GridError({
    code: "TFG_NO_GATEWAY",
    summary: `Node ${nodeId} is no web gateway that could serve ${title}.`,
    facts: { node_id: nodeId, "it lacks": lacks, allowed: "a node with a public address and, for names, a domain" },
    standing: "Nothing was made and nothing was changed.",
    remedy: "choose a node that data.threefold_gateway_domains lists, or let placement choose (gateway = true).",
    attribute: ["node_id"],
  });
}

function readFacts(answer: unknown): GatewayFacts {
  const fields: Readonly<Record<string, unknown>> = typeof answer === "object" && answer !== null ? { ...answer } : {};
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
  const addresses = [text("ipv4"), text("ipv6")].map((cidr) => cidr.split("/")[0] ?? "");
  return { domain: text("domain"), addresses: addresses.filter((address) => address !== "") };
}
