import { splitHostPort } from "../../../model/wire/host-port";
import { parseIp } from "../../../model/wire/ip-address";
import { parseUrl } from "../../../model/wire/url";
import type { GatewayBase } from "../../../model/workloads/parts/gateway";
import { isLight } from "../hardware";
import { NodeError, trying } from "../node-error";
import type { NodeRuntime } from "../runtime/node-runtime";
import type { ServedDomain } from "../runtime/served-domain";
import type { Primitive, Site } from "./primitive";

/** Gateways under the node's own domain. @source zosbase pkg/gateway, pkg/primitives/gateway (node source) */
export const gatewayName: Primitive<"gateway-name-proxy"> = {
  provision({ data }, site) {
    return trying("failed to setup name proxy", () => {
      const { domain } = requireGateway(site.node);
      if (domain === "") throw new NodeError("node doesn't support name proxy (doesn't have a domain)");
      const problem = nameContractProblem(site.node, data.name, site.twinId);
      if (problem) throw new NodeError(`failed to verify name contract: ${problem}`);
      const fqdn = `${data.name}.${domain}`;
      serve({ fqdn, certificate: "wildcard" }, data, site);
      return { fqdn };
    });
  },
  deprovision: stopServing,
};

/** Gateways under a domain of the user. */
export const gatewayFqdn: Primitive<"gateway-fqdn-proxy"> = {
  provision({ data }, site) {
    return trying("failed to setup fqdn proxy", () => {
      const { domain } = requireGateway(site.node);
      if (domain !== "" && data.fqdn.endsWith(domain)) {
        throw new NodeError("can't create a fqdn workload with a subdomain of the gateway's managed domain");
      }
      trying("failed to verify domain dns record", () => requirePointsHere(data.fqdn, site.node));
      serve({ fqdn: data.fqdn, certificate: "own" }, data, site);
      return {};
    });
  },
  deprovision: stopServing,
};

/** Why a twin may not use a gateway name; undefined when its name contract allows it. */
export function nameContractProblem({ surroundings }: NodeRuntime, name: string, twinId: number): string | undefined {
  const contracts = surroundings.ledger.listContracts();
  const contract = contracts.find((candidate) => candidate.kind === "name" && candidate.name === name);
  if (!contract) return "a name contract with the given name must be reserved first";
  if (contract.state.kind === "Deleted") return "the name contract must be in Created or GracePeriod state";
  return contract.twinId === twinId ? undefined : "twin id mismatch";
}

function requireGateway({ surroundings: { hardware } }: NodeRuntime): { readonly domain: string } {
  const config = hardware.publicConfig;
  if (isLight(hardware)) {
    if (config?.domain) return config;
    throw new NodeError("gateway is not supported on this node, domain is not set");
  }
  if (!config) throw new NodeError("gateway is not supported on this node: no public configuration");
  return config;
}

function requirePointsHere(fqdn: string, { surroundings }: NodeRuntime): void {
  const addresses = surroundings.resolveHost?.(fqdn);
  const own = publicAddresses(surroundings.hardware);
  if (addresses && !addresses.some((address) => own.includes(address))) {
    throw new NodeError("host doesn't point to the gateway ip");
  }
}

function serve(
  { fqdn, certificate }: Pick<ServedDomain, "fqdn" | "certificate">,
  data: GatewayBase,
  { node, id, twinId }: Site,
): void {
  const own = publicAddresses(node.surroundings.hardware).map((address) => parseIp(address)?.join());
  for (const backend of data.backends) {
    if (own.includes(backendIp(backend)?.join())) {
      throw new NodeError(`backend ${backend} points to the node's own public IP address`);
    }
  }
  const served = node.domains.get(fqdn);
  if (served && served.id !== id) throw new NodeError(`domain already registered: ${fqdn}`);
  const { network } = data;
  if (network !== undefined) trying("failed to get user network", () => node.networks.require(twinId, network));
  node.domains.set(fqdn, {
    fqdn,
    id,
    backends: data.backends,
    certificate: data.tls_passthrough ? "none" : certificate,
    since: node.surroundings.ledger.now(),
  });
}

function stopServing(_workload: unknown, { node, id }: Site): void {
  for (const domain of node.domains.values()) {
    if (domain.id === id) node.domains.delete(domain.fqdn);
  }
}

function publicAddresses(hardware: NodeRuntime["surroundings"]["hardware"]): string[] {
  const { ip4 = "", ip6 = "" } = hardware.publicConfig ?? {};
  return [ip4, ip6].map((cidr) => cidr.split("/")[0] ?? "").filter((address) => address !== "");
}

function backendIp(backend: string): Uint8Array | undefined {
  const address = splitHostPort(backend);
  const direct = "problem" in address ? undefined : parseIp(address.host);
  if (direct) return direct;
  const url = parseUrl(backend);
  return "problem" in url ? undefined : parseIp(url.hostname);
}
