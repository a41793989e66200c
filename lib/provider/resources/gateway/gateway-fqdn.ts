import { isIPv6 } from "node:net";
import { GridError, hasCode } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import type { DeploymentTarget } from "../../../engine/deployment-target";
import { getGatewayFacts } from "../../../engine/node/gateway-facts";
import type { Deployment } from "../../../model/deployment";
import { formatIp, parseIp } from "../../../model/wire/ip-address";
import type { BuildContext } from "../../deployment/deployment-kind";
import { defineDeploymentResource } from "../../deployment/deployment-resource";
import type { Attributes } from "../../schema/attributes";
import type { ObjectValue } from "../../schema/value";
import {
  askGateway,
  checkFact,
  GATEWAY_INPUTS,
  gatewayData,
  gatewayKind,
  gatewayTexts,
  importedData,
  nodeFact,
} from "./gateway";
import { checkBackends, checkGatewayDomain, checkNotOwn, checkOutside } from "./rules";
import { gatewayFqdnSchema } from "./schema";

/** `threefold_gateway_fqdn`: a web gateway at a domain of one's own. */
export const gatewayFqdn = defineDeploymentResource({
  ...gatewayKind,
  typeName: "threefold_gateway_fqdn",
  kind: "gateway_fqdn",
  schema: gatewayFqdnSchema,
  validate: (config) => [...checkGatewayDomain(config), ...checkBackends(config)],
  fixed: [],
  inputs: ["fqdn", ...GATEWAY_INPUTS],
  outputs: [],
  complete,
  choose,
  obstacles,
  build,
  exclusive: ({ fqdn }) =>
    typeof fqdn === "string" ? [{ thing: `domain ${fqdn}`, attribute: ["fqdn"], given: fqdn }] : [],
  readImported,
  findImported,
});

function complete(proposed: ObjectValue, config: ObjectValue, prior: ObjectValue | null): ObjectValue {
  return {
    ...proposed,
    tls_passthrough: config.tls_passthrough ?? false,
    domain: nodeFact("domain", config, { proposed, prior }),
    dns_target: nodeFact("dns_target", config, { proposed, prior }),
  };
}

/** @throws {GridError} TFG_DNS_TARGET before anything is paid for a domain that the node would not serve */
async function choose(values: ObjectValue, engine: EngineContext): Promise<ObjectValue> {
  const facts = await askGateway(values, engine, ["domain", "dns_target"]);
  if (!facts) return {};
  const { domain, addresses } = facts;
  const [finding] = [...checkFact("dns_target", values, addresses), ...checkOutside(values.fqdn, domain)];
  if (finding) throw finding;
  const found = await engine.resolveHost(String(values.fqdn));
  if (!pointsTo(found, addresses)) throw pointsElsewhere(values, { found, addresses });
  return { domain, dns_target: values.dns_target ?? addresses[0] ?? "" };
}

/** What is known of the node in a plan: its domain, and the one address that was given. */
async function obstacles(values: ObjectValue, engine: EngineContext): Promise<readonly GridError[]> {
  const { fqdn, domain, dns_target: target } = values;
  const addresses = typeof target === "string" ? [target] : [];
  const findings = [...checkNotOwn(values.backends, addresses), ...checkOutside(fqdn, domain)];
  if (typeof fqdn !== "string" || addresses.length === 0) return findings;
  try {
    const found = await engine.resolveHost(fqdn);
    // The domain may point to the node's other address, which only the node itself tells.
    const isOpen = found.some((address) => isIPv6(address) !== isIPv6(String(target)));
    if (isOpen || pointsTo(found, addresses)) return findings;
    return [...findings, pointsElsewhere(values, { found, addresses })];
  } catch (error) {
    if (!hasCode(error, "TFG_DNS_UNREACHABLE")) throw error;
    return [...findings, error];
  }
}

function pointsTo(found: readonly string[], addresses: readonly string[]): boolean {
  const plain = (address: string) => formatIp(parseIp(address) ?? new Uint8Array());
  const own = addresses.map(plain);
  return found.some((address) => own.includes(plain(address)));
}

function pointsElsewhere(
  { fqdn, name, node_id: nodeId }: ObjectValue,
  { found, addresses }: { readonly found: readonly string[]; readonly addresses: readonly string[] },
): GridError {
  return new GridError({
    code: "TFG_DNS_TARGET",
    summary: `${String(fqdn)} does not point to node ${String(nodeId)}, so gateway ${String(name)} would not be served.`,
    facts: { given: String(fqdn), "points to": found.join(", ") || "nothing", allowed: addresses.join(" or ") },
    standing: "Nothing was made and nothing was changed.",
    remedy: `set its DNS record to ${addresses[0] ?? "the node's public address"}, wait until that is seen, then run again.`,
    attribute: ["fqdn"],
  });
}

function build(
  attributes: Attributes,
  { secrets }: BuildContext,
): Omit<DeploymentTarget, "lineage" | "role" | "nodeId"> {
  const { workload, ...texts } = gatewayTexts(attributes, (identity) =>
    secrets.keys.bytes({ kind: "salt", identity: `gateway_fqdn/${identity}` }, 16).toString("hex"),
  );
  const data = { fqdn: attributes.requireText("fqdn"), ...gatewayData(attributes) };
  return {
    ...texts,
    workloads: [{ name: workload, type: "gateway-fqdn-proxy", metadata: "", description: "", data }],
  };
}

function readImported(deployment: Deployment): ObjectValue {
  const found = deployment.workloads.find((workload) => workload.type === "gateway-fqdn-proxy");
  return found ? { fqdn: found.data.fqdn, ...importedData(found.data) } : {};
}

async function findImported({ name, node_id: nodeId }: ObjectValue, engine: EngineContext): Promise<ObjectValue> {
  const intent = { nodeId: Number(nodeId), title: `gateway ${String(name)}` };
  const { domain, addresses } = await getGatewayFacts(engine, intent);
  return { domain, dns_target: addresses[0] ?? null };
}
