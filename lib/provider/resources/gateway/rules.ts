import type { GridError } from "../../../core/errors";
import {
  backendAddress,
  backendProblem,
  GATEWAY_DOMAINS,
  GATEWAY_NAMES,
  isGatewayDomain,
  isGatewayName,
} from "../../../model/gateway-rules";
import { parseIp } from "../../../model/wire/ip-address";
import { badValue } from "../../schema/finding";
import { type ObjectValue, UNKNOWN, type Value } from "../../schema/value";

/** Checks the name to reserve. */
export function checkGatewayName(name: string): GridError[] {
  return isGatewayName(name) ? [] : [badValue({ attribute: ["name"], given: name, allowed: GATEWAY_NAMES })];
}

/** Checks a domain of the user's own. */
export function checkGatewayDomain({ fqdn }: ObjectValue): GridError[] {
  if (typeof fqdn !== "string" || isGatewayDomain(fqdn)) return [];
  return [badValue({ attribute: ["fqdn"], given: fqdn, allowed: GATEWAY_DOMAINS })];
}

/** Checks where requests are to go, one backend after the other. */
export function checkBackends({ backends, tls_passthrough: passthrough, network }: ObjectValue): GridError[] {
  const findings = network === "" ? [badValue({ attribute: ["network"], given: "", allowed: NETWORKS })] : [];
  if (!Array.isArray(backends)) return findings;
  if (backends.length === 0) findings.push(badValue({ attribute: ["backends"], allowed: "at least one backend" }));
  if (passthrough === UNKNOWN) return findings;
  const wrong = backends.flatMap((given, index) => {
    const allowed = typeof given === "string" ? backendProblem(given, passthrough === true) : undefined;
    return allowed === undefined ? [] : [badValue({ attribute: ["backends", index], given: String(given), allowed })];
  });
  return [...findings, ...wrong];
}

/** Refuses backends that are the gateway's node itself, as the node does. */
export function checkNotOwn(backends: Value | undefined, addresses: readonly string[]): GridError[] {
  const own = addresses.map((address) => parseIp(address)?.join());
  return (Array.isArray(backends) ? backends : []).flatMap((given, index) => {
    const address = typeof given === "string" ? backendAddress(given)?.join() : undefined;
    if (address === undefined || !own.includes(address)) return [];
    const allowed = "an address other than the gateway node's own";
    return [badValue({ attribute: ["backends", index], given: String(given), allowed })];
  });
}

/** Refuses a domain under the node's own, as the node does: it compares the ends of the texts. */
export function checkOutside(fqdn: Value | undefined, domain: Value | undefined): GridError[] {
  if (typeof fqdn !== "string" || typeof domain !== "string" || domain === "" || !fqdn.endsWith(domain)) return [];
  const remedy = "use threefold_gateway_name for a name under it.";
  return [badValue({ attribute: ["fqdn"], given: fqdn, allowed: `a domain outside ${domain}`, remedy })];
}

const NETWORKS = "network_name of a threefold_network, or nothing";
