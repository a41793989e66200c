import { Token } from "cdktf";
import { isPort, joinHostPort, splitHostPort } from "../../model/wire/host-port";

/** The host of an API's endpoint: `host`, `host:port`, an address of either family, `[ipv6]:port`. Anything else is given back whole. */
export function endpointHost(endpoint: string): string {
  // Tokens have brackets of their own, and what is in them is Terraform's.
  if (Token.isUnresolved(endpoint)) return endpoint.replace(/^\[?(.+?)\]?(?::\d+)?$/, "$1");
  const parts = splitHostPort(endpoint);
  if ("problem" in parts || !isPort(parts.port)) return endpoint;
  return joinHostPort(parts.host, Number(parts.port)) === endpoint ? parts.host : endpoint;
}
