import { addressOf } from "../../model/address";
import type { Contract, NodeContract, RentContract } from "../../model/contract";
import type { Ledger, LedgerFarm } from "../ledger";
import type { NodeFactsSource } from "./node-facts";
import { freeIps, nodeRow } from "./node-row";
import type { ContractDetails, ContractJson, FarmRow, NodeRow, PublicIpJson, TwinJson } from "./rows";

/** Everything that the directory and GraphQL serve, as of one moment. */
export interface DirectorySnapshot {
  /** By number. */
  readonly nodes: readonly NodeRow[];
  /** By number, with their nodes. */
  readonly farms: readonly FarmRow[];
  /** By number. */
  readonly twins: readonly TwinJson[];
  /** Live and ended ones, by id. */
  readonly contracts: readonly ContractJson[];
  /** IPv4 of all farms. */
  readonly publicIps: readonly Required<PublicIpJson>[];
}

/** Reads the whole of the chain and of the nodes once. `ended` are contracts that the chain has forgotten. */
export function takeSnapshot(
  ledger: Ledger,
  factsOf: NodeFactsSource,
  ended: readonly ContractJson[],
): DirectorySnapshot {
  const live = ledger.listContracts();
  const nodes = nodeRows(ledger, factsOf, live);
  const farms = ledger.listFarms();
  return {
    nodes,
    farms: farms.map((farm) => farmRow(farm, nodes)),
    twins: ledger.listTwins().map((twin) => ({
      twinId: twin.twinId,
      accountId: addressOf(twin.accountId),
      relay: twin.relay ?? "",
      publicKey: twin.encryptionKey ? `0x${Buffer.from(twin.encryptionKey).toString("hex")}` : "",
    })),
    contracts: [...live.map((contract) => contractJson(ledger, contract)), ...ended].sort(
      (a, b) => a.contract_id - b.contract_id,
    ),
    publicIps: farms.flatMap((farm) => publicIps(farm).map((ip) => ({ ...ip, farm_id: farm.farmId }))),
  };
}

/** A contract as the directory lists it. */
export function contractJson(ledger: Ledger, contract: Contract): ContractJson {
  return {
    contract_id: contract.contractId,
    twin_id: contract.twinId,
    state: contract.state.kind,
    created_at: ledger.contractCreatedAt(contract.contractId),
    type: contract.kind,
    details: detailsOf(ledger, contract),
  };
}

function detailsOf(ledger: Ledger, contract: Contract): ContractDetails {
  if (contract.kind === "name") return { name: contract.name };
  const farm = ledger.getFarm(ledger.getNode(contract.nodeId)?.farmId ?? 0);
  const farmPart = { farm_name: farm?.name ?? "", farm_id: farm?.farmId ?? 0 };
  if (contract.kind === "rent") return { nodeId: contract.nodeId, ...farmPart };
  return {
    nodeId: contract.nodeId,
    deployment_data: contract.deploymentData,
    deployment_hash: contract.deploymentHash,
    number_of_public_ips: contract.publicIps,
    ...farmPart,
  };
}

function nodeRows(ledger: Ledger, factsOf: NodeFactsSource, live: readonly Contract[]): NodeRow[] {
  const contractsOf = new Map<number, NodeContract[]>();
  const rentOf = new Map<number, RentContract>();
  for (const contract of live) {
    if (contract.kind === "rent") rentOf.set(contract.nodeId, contract);
    if (contract.kind !== "node") continue;
    const sameNode = contractsOf.get(contract.nodeId);
    if (sameNode) sameNode.push(contract);
    else contractsOf.set(contract.nodeId, [contract]);
  }
  return ledger.listNodes().map((node) =>
    nodeRow({
      ledger,
      node,
      farm: ledger.getFarm(node.farmId),
      contracts: contractsOf.get(node.nodeId) ?? [],
      rent: rentOf.get(node.nodeId),
      facts: factsOf(node.nodeId),
    }),
  );
}

function farmRow(farm: LedgerFarm, nodes: readonly NodeRow[]): FarmRow {
  return {
    json: {
      name: farm.name,
      farmId: farm.farmId,
      twinId: farm.twinId,
      pricingPolicyId: 1,
      certificationType: farm.isGold ? "Gold" : "NotCertified",
      stellarAddress: "",
      dedicated: farm.isDedicated,
      publicIps: publicIps(farm),
    },
    freeIps: freeIps(farm),
    nodes: nodes.filter((node) => node.json.farmId === farm.farmId),
  };
}

function publicIps(farm: LedgerFarm): PublicIpJson[] {
  return farm.publicIps.map(({ ip, gateway, contractId }) => ({
    id: `devgrid-ip-${farm.farmId}-${ip}`,
    ip,
    gateway,
    contract_id: contractId,
  }));
}
