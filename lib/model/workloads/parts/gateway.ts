import { splitHostPort } from "../../wire/host-port";
import { isLoopback, parseIp } from "../../wire/ip-address";
import { type FieldReaders, flag, listOf, optional, text } from "../../wire/reader";
import { parseUrl } from "../../wire/url";

/**
 * What both kinds of web gateway share.
 *
 * @source zosbase pkg/gridtypes/zos/gw.go
 */
export interface GatewayBase {
  /** True: TLS goes through to the backend. False: the node ends TLS and talks plain http to the backend. */
  readonly tls_passthrough: boolean;
  /** At least one. `http://ip` or `http://ip:port` when the node ends TLS, else `ip:port`; IPv6 in brackets. */
  readonly backends: readonly string[];
  /** Network on the gateway node whose private addresses the backends are. Leave out, never send empty. */
  readonly network?: string;
}

/** Readers of the shared fields. */
export const gatewayFields: FieldReaders<GatewayBase> = {
  tls_passthrough: flag,
  backends: listOf(text),
  network: optional(text),
};

/** Why the node refuses the backends; undefined when it takes them. */
export function backendsProblem({ backends, tls_passthrough }: GatewayBase): string | undefined {
  if (backends.length === 0) return "backends list can not be empty";
  for (const backend of backends) {
    const problem = tls_passthrough ? addressProblem(backend) : httpProblem(backend);
    if (problem) return `failed to validate backend '${backend}': ${problem}`;
  }
  return undefined;
}

/** The shared part of the challenge. */
export function gatewayChallenge({ tls_passthrough, backends, network }: GatewayBase): string {
  return `${tls_passthrough}${backends.join("")}${network ?? ""}`;
}

function httpProblem(backend: string): string | undefined {
  const url = parseUrl(backend);
  if ("problem" in url) return `failed to parse backend with error: ${url.problem}`;
  if (url.scheme !== "http") return "scheme expected to be http";
  const ip = parseIp(url.hostname);
  return !ip || isLoopback(ip) ? `invalid ip address in backend: ${url.hostname}` : undefined;
}

/** The node wraps the splitter's words twice. */
function addressProblem(backend: string): string | undefined {
  const wrap = (why: string) => `failed to parse backend ${backend} with error: ${why}`;
  const address = splitHostPort(backend);
  if ("problem" in address) return wrap(wrap(address.problem));
  if (!parseIp(address.host)) return wrap("invalid ip");
  // The node's parser stops at 64 bits; leading zeros do not count.
  const port = address.port.replace(/^0+(?=\d)/, "");
  if (!/^\d{1,20}$/.test(port) || BigInt(port) >= 2n ** 64n) return wrap(`invalid port in backend: ${address.port}`);
  return Number(port) > 0xffff ? wrap(`port '${address.port}' must be <= 65535`) : undefined;
}
