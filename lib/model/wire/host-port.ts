import { isIP } from "node:net";

/** A host and a port apart, or why they cannot be told apart. */
export type HostPort = { readonly host: string; readonly port: string } | { readonly problem: string };

/**
 * Splits `host:port` or `[host]:port`; neither side is looked at further.
 *
 * @source Go net.SplitHostPort
 */
export function splitHostPort(address: string): HostPort {
  const colon = address.lastIndexOf(":");
  const close = address.startsWith("[") ? address.indexOf("]") : undefined;
  const problem = colon < 0 ? "missing port in address" : hostPortProblem(address, colon, close);
  if (problem) return { problem: address === "" ? problem : `address ${address}: ${problem}` };
  const host = close === undefined ? address.slice(0, colon) : address.slice(1, close);
  return { host, port: address.slice(colon + 1) };
}

/** @param close where the bracketed host ends; undefined when the host has no brackets */
function hostPortProblem(address: string, colon: number, close: number | undefined): string | undefined {
  if (close === -1) return "missing ']' in address";
  if (close !== undefined && close + 1 !== colon) {
    return address[close + 1] === ":" ? "too many colons in address" : "missing port in address";
  }
  if (close === undefined && address.indexOf(":") < colon) return "too many colons in address";
  if (address.includes("[", close === undefined ? 0 : 1)) return "unexpected '[' in address";
  return address.includes("]", (close ?? -1) + 1) ? "unexpected ']' in address" : undefined;
}

/** Prints `host:port`, with brackets around IPv6. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True for the address of a server that is dialled by number: `ip` or `ip:port`, IPv6 in brackets when there is a port. */
export function isServerAddress(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const address = splitHostPort(text);
  return !("problem" in address) && isPort(address.port) && isIP(address.host) !== 0;
}

/** True for the decimal number of a port that can be dialled. */
export function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 0xffff;
}
