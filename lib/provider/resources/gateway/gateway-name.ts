import type { EngineContext } from "../../../engine/context";
import type { DeploymentTarget } from "../../../engine/deployment-target";
import { noGateway } from "../../../engine/node/gateway-facts";
import type { Deployment } from "../../../model/deployment";
import { decodeLabelName } from "../../../model/deployment-data";
import { resultOf } from "../../../model/workloads/registry";
import type { BuildContext } from "../../deployment/deployment-kind";
import { defineDeploymentResource } from "../../deployment/deployment-resource";
import type { Attributes } from "../../schema/attributes";
import { type ObjectValue, UNKNOWN, type Value } from "../../schema/value";
import { askGateway, GATEWAY_INPUTS, gatewayData, gatewayKind, gatewayTexts, importedData, nodeFact } from "./gateway";
import { checkBackends, checkGatewayName } from "./rules";
import { gatewayNameSchema } from "./schema";

/** `threefold_gateway_name`: a web gateway at a reserved name. */
export const gatewayName = defineDeploymentResource({
  ...gatewayKind,
  typeName: "threefold_gateway_name",
  kind: "gateway_name",
  schema: gatewayNameSchema,
  validate: checkBackends,
  validateName: checkGatewayName,
  fixed: ["name"],
  inputs: GATEWAY_INPUTS,
  outputs: ["name_contract_id"],
  complete,
  choose,
  obstacles: async ({ domain, node_id: nodeId, name }) =>
    domain === "" ? [noGateway({ nodeId: Number(nodeId), title: `gateway ${String(name)}` }, "a domain")] : [],
  build,
  exclusive: ({ name }) =>
    typeof name === "string" ? [{ thing: `gateway name ${name}`, attribute: ["name"], given: name }] : [],
  readImported,
  alias: { description: "the name it reserves, or the number of that name's contract", find: findGateways },
  findImported,
});

function complete(proposed: ObjectValue, config: ObjectValue, prior: ObjectValue | null): ObjectValue {
  const domain = nodeFact("domain", config, { proposed, prior });
  return {
    ...proposed,
    tls_passthrough: config.tls_passthrough ?? false,
    domain,
    fqdn: fqdnOf(config.name ?? null, domain),
  };
}

function fqdnOf(name: Value, domain: Value): Value {
  return typeof name === "string" && typeof domain === "string" && domain !== "" ? `${name}.${domain}` : UNKNOWN;
}

async function choose(values: ObjectValue, engine: EngineContext): Promise<ObjectValue> {
  const facts = await askGateway(values, engine, ["domain"]);
  if (!facts) return {};
  const { node_id: nodeId, name } = values;
  const { domain } = facts;
  if (domain === "") throw noGateway({ nodeId: Number(nodeId), title: `gateway ${String(name)}` }, "a domain");
  return { domain, fqdn: `${String(name)}.${domain}` };
}

function build(
  attributes: Attributes,
  { secrets }: BuildContext,
): Omit<DeploymentTarget, "lineage" | "role" | "nodeId"> {
  const { workload, ...texts } = gatewayTexts(attributes, (identity) =>
    secrets.keys.bytes({ kind: "salt", identity: `gateway_name/${identity}` }, 16).toString("hex"),
  );
  const name = attributes.requireText("name");
  const data = { name, ...gatewayData(attributes) };
  return {
    ...texts,
    reservation: { name },
    workloads: [{ name: workload, type: "gateway-name-proxy", metadata: "", description: "", data }],
  };
}

function readImported(deployment: Deployment): ObjectValue {
  const found = deployment.workloads.find((workload) => workload.type === "gateway-name-proxy");
  if (!found) return {};
  const { name } = found.data;
  const domain = resultOf(found)?.fqdn.slice(name.length + 1) ?? null;
  return { name, domain, ...importedData(found.data) };
}

async function findImported({ name }: ObjectValue, { chain, signal }: EngineContext): Promise<ObjectValue> {
  const contractId = await chain.getContractIdByName(String(name), signal);
  return contractId === undefined ? {} : { name_contract_id: String(contractId) };
}

/** Gateways behind a name of this account: a name contract does not say which, so their labels do. */
async function findGateways(given: string, engine: EngineContext): Promise<readonly number[]> {
  const { chain, ownContracts, signal } = engine;
  const nameContractId = /^\d{1,15}$/.test(given) ? Number(given) : await chain.getContractIdByName(given, signal);
  const reserved = nameContractId === undefined ? undefined : await chain.getContract(nameContractId, signal);
  if (reserved?.kind !== "name" || reserved.twinId !== engine.twinId) return [];
  const listed = (await ownContracts.listStamped(signal)).filter(({ stamp }) => stamp.role.startsWith("gateway_name/"));
  const contracts = await chain.getContracts(
    listed.map(({ contractId }) => contractId),
    signal,
  );
  return contracts.flatMap((contract) =>
    contract?.kind === "node" && decodeLabelName(contract.deploymentData) === reserved.name
      ? [contract.contractId]
      : [],
  );
}
