/** What a web gateway may be called, and whom it may send requests to, told in the words of its users. */
import { isPort, splitHostPort } from "./wire/host-port";
import { isLoopback, parseIp } from "./wire/ip-address";
import { parseUrl } from "./wire/url";

/**
 * Names that can be reserved. The chain also takes `_` and 64 characters, which no browser and no certificate does.
 *
 * @source tfchain spec 152: 3 to 64 of a-z, 0-9, - and _; RFC 1123: labels of 63, no dash at either end
 */
const GATEWAY_NAME = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** What such a name may be. */
export const GATEWAY_NAMES = "3 to 63 small letters, digits and -, with no - at either end";

/** A domain name of at least two labels. @source zosbase pkg/gridtypes/zos/gw_fqdn.go, and RFC 1123 for the labels */
const GATEWAY_DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;

/** What such a domain name may be. */
export const GATEWAY_DOMAINS = "a whole domain name in small letters, such as www.example.org";

/** True for a name that can be reserved. */
export function isGatewayName(name: string): boolean {
  return GATEWAY_NAME.test(name);
}

/** True for a whole domain name. */
export function isGatewayDomain(domain: string): boolean {
  return GATEWAY_DOMAIN.test(domain);
}

/** What a backend may be instead of what it is; undefined when it is fine. */
export function backendProblem(backend: string, tlsPassthrough: boolean): string | undefined {
  return tlsPassthrough ? bareProblem(backend) : urlProblem(backend);
}

/** The address a backend is reached at, as its bytes; undefined when it is none. */
export function backendAddress(backend: string): Uint8Array | undefined {
  const bare = splitHostPort(backend);
  const address = "problem" in bare ? undefined : parseIp(bare.host);
  if (address) return address;
  const url = parseUrl(backend);
  return "problem" in url ? undefined : parseIp(url.hostname);
}

const URLS = "http://ip or http://ip:port, with IPv6 in brackets";
const ADDRESSES = "ip:port, with IPv6 in brackets";

function urlProblem(backend: string): string | undefined {
  const [, host, port] = /^http:\/\/(\[[^\]]*\]|[^/:[\]]+)(?::(.*?))?\/?$/.exec(backend) ?? [];
  if (host === undefined) return `${URLS}: the gateway ends TLS and speaks plain http`;
  if (port !== undefined && !isPort(port)) return `${URLS}, ports from 1 to 65535`;
  return hostProblem(parseIp(host.replace(/^\[|\]$/g, "")), URLS);
}

function bareProblem(backend: string): string | undefined {
  if (backend.includes("://")) return `${ADDRESSES}: TLS goes through, so there is no scheme`;
  const address = splitHostPort(backend);
  if ("problem" in address) return ADDRESSES;
  return isPort(address.port) ? hostProblem(parseIp(address.host), ADDRESSES) : `${ADDRESSES}, ports from 1 to 65535`;
}

function hostProblem(address: Uint8Array | undefined, form: string): string | undefined {
  if (!address) return `${form}: an address, no host name`;
  return isLoopback(address) ? `${form}: an address that the gateway's node can reach` : undefined;
}
