import type { ContractJson, FarmRow, NodeRow } from "../directory/rows";
import type { DirectorySnapshot } from "../directory/snapshot";

/** A record as GraphQL shows it; BigInt values are texts. */
export type Entity = Readonly<Record<string, unknown>>;

/** All records of one kind. */
export type EntitySource = (snapshot: DirectorySnapshot) => readonly Entity[];

/** Kinds by the name of their list query. @source tfchain indexer schema, as far as grid clients ask it */
export const ENTITIES: Readonly<Record<string, EntitySource>> = {
  nodes: ({ nodes }) => nodes.map(node),
  farms: ({ farms }) => farms.map(farm),
  twins: ({ twins }) =>
    twins.map(({ twinId, accountId, relay, publicKey }) => ({
      id: `devgrid-twin-${twinId}`,
      twinID: twinId,
      accountID: accountId,
      relay,
      publicKey,
      gridVersion: 3,
    })),
  nodeContracts: contractsOf("node", ({ details }) => ({
    nodeID: details.nodeId,
    deploymentData: details.deployment_data,
    deploymentHash: details.deployment_hash,
    numberOfPublicIPs: details.number_of_public_ips,
  })),
  nameContracts: contractsOf("name", ({ details }) => ({ name: details.name })),
  rentContracts: contractsOf("rent", ({ details }) => ({ nodeID: details.nodeId })),
  contractBillReports: () => [],
  publicIps: ({ publicIps }) =>
    publicIps.map(({ id, ip, gateway, contract_id }) => ({ id, ip, gateway, contractId: String(contract_id) })),
};

function contractsOf(kind: ContractJson["type"], details: (contract: ContractJson) => Entity): EntitySource {
  return ({ contracts }) =>
    contracts
      .filter((contract) => contract.type === kind)
      .map((contract) => ({
        id: `devgrid-contract-${contract.contract_id}`,
        gridVersion: 4,
        contractID: String(contract.contract_id),
        twinID: contract.twin_id,
        state: contract.state,
        createdAt: String(contract.created_at),
        solutionProviderID: null,
        ...details(contract),
      }));
}

function node({ json }: NodeRow): Entity {
  const { publicConfig, location } = json;
  const hasPublicConfig = publicConfig.ipv4 !== "" || publicConfig.ipv6 !== "" || publicConfig.domain !== "";
  return {
    id: json.id,
    gridVersion: json.gridVersion,
    nodeID: json.nodeId,
    farmID: json.farmId,
    twinID: json.twinId,
    country: json.country,
    city: json.city,
    uptime: String(json.uptime),
    created: String(json.created),
    createdAt: String(json.created),
    updatedAt: String(json.updatedAt),
    farmingPolicyId: json.farmingPolicyId,
    certification: json.certificationType,
    serialNumber: json.serialNumber,
    power: json.power,
    extraFee: String(json.extraFee),
    location: { longitude: String(location.longitude ?? ""), latitude: String(location.latitude ?? "") },
    publicConfig: hasPublicConfig ? publicConfig : null,
    resourcesTotal: Object.fromEntries(
      Object.entries(json.total_resources).map(([name, size]) => [name, String(size)]),
    ),
  };
}

function farm({ json }: FarmRow): Entity {
  return {
    id: `devgrid-farm-${json.farmId}`,
    gridVersion: 3,
    farmID: json.farmId,
    name: json.name,
    twinID: json.twinId,
    pricingPolicyID: json.pricingPolicyId,
    certification: json.certificationType,
    stellarAddress: json.stellarAddress,
    dedicatedFarm: json.dedicated,
    publicIPs: json.publicIps.map(({ id, ip, gateway, contract_id }) => ({
      id,
      ip,
      gateway,
      contractId: String(contract_id),
    })),
  };
}
