/**
 * A ledger of plain data: what the directory, GraphQL and KYC show can be set up record by record, states that a chain
 * reaches only after weeks included.
 */
import { GIB } from "../../lib/core/units";
import type { NodeFacts } from "../../lib/devgrid/directory/node-facts";
import type { Ledger, LedgerEvent, LedgerFarm, LedgerNode } from "../../lib/devgrid/ledger";
import type { Contract, NameContract, NodeContract, RentContract } from "../../lib/model/contract";
import type { Twin } from "../../lib/model/twin";

export class PlainLedger implements Ledger {
  nowMs = 1_700_000_000_000;
  readonly twins: Twin[] = [];
  readonly farms: LedgerFarm[] = [];
  readonly nodes: LedgerNode[] = [];
  contracts: Contract[] = [];
  readonly used = new Map<number, LedgerNode["resources"]>();
  readonly #listeners = new Set<(events: readonly LedgerEvent[]) => void>();

  /** Hands events to the listeners, as a block does. */
  emit(...events: LedgerEvent[]): void {
    for (const listener of this.#listeners) listener(events);
  }

  /** Ends a contract as the chain does: gone from the list, one event. */
  end(contractId: number): void {
    const contract = this.getContract(contractId);
    if (!contract) throw new Error(`no contract ${contractId}`);
    this.contracts = this.contracts.filter((one) => one !== contract);
    this.emit({
      kind: "contractEnded",
      contract: { ...contract, state: { kind: "Deleted", cause: "CanceledByUser" } },
    });
  }

  now = () => this.nowMs;
  getTwin = (twinId: number) => this.twins.find((twin) => twin.twinId === twinId);
  listTwins = () => this.twins;
  getFarm = (farmId: number) => this.farms.find((farm) => farm.farmId === farmId);
  listFarms = () => this.farms;
  getNode = (nodeId: number) => this.nodes.find((node) => node.nodeId === nodeId);
  listNodes = () => this.nodes;
  getContract = (contractId: number) => this.contracts.find((contract) => contract.contractId === contractId);
  listContracts = () => this.contracts;
  contractCreatedAt = (contractId: number) => (this.getContract(contractId) ? 1_699_000_000 + contractId : 0);
  getUsedResources = (contractId: number) => this.used.get(contractId);
  reportUsedResources = (contractId: number, used: LedgerNode["resources"]) => void this.used.set(contractId, used);
  getRentContractId = (nodeId: number) =>
    this.contracts.find((contract) => contract.kind === "rent" && contract.nodeId === nodeId)?.contractId;
  subscribe = (listener: (events: readonly LedgerEvent[]) => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
}

/** A live node contract of twin 7 unless told otherwise. */
export function nodeContract(contractId: number, nodeId: number, rest: Partial<NodeContract> = {}): NodeContract {
  return {
    kind: "node",
    contractId,
    nodeId,
    twinId: 7,
    state: { kind: "Created" },
    deploymentHash: contractId.toString(16).padStart(32, "0"),
    deploymentData: `{"type":"vm","name":"vm${contractId}","projectName":"vm/vm${contractId}"}`,
    publicIps: 0,
    publicIpsList: [],
    ...rest,
  };
}

/** A live name contract of twin 7. */
export function nameContract(contractId: number, name: string): NameContract {
  return { kind: "name", contractId, twinId: 7, state: { kind: "Created" }, name };
}

/** A live rent contract. */
export function rentContract(contractId: number, nodeId: number, twinId: number): RentContract {
  return { kind: "rent", contractId, nodeId, twinId, state: { kind: "Created" } };
}

const ZOS3 = ["zmount", "network", "zmachine", "ipv4", "ip", "wireguard", "gateway-name-proxy", "gateway-fqdn-proxy"];

/** An online, healthy node without cards. */
export function nodeFacts(rest: Partial<NodeFacts> = {}): NodeFacts {
  return {
    isOnline: true,
    isHealthy: true,
    features: ZOS3,
    gpus: [],
    hasIpv6: false,
    workloadCount: 0,
    statistics: () => ({ users: { deployments: 0 } }),
    ...rest,
  };
}

/**
 * Six nodes in three farms, each there for some filter: 1 certified gateway in Belgium, 2 small with a contract, 3 rented
 * by twin 7 and with cards, 4 standby, 5 offline and never checked, 6 in a dedicated farm.
 */
export function sampleGrid(): { ledger: PlainLedger; factsOf: (nodeId: number) => NodeFacts | undefined } {
  const ledger = new PlainLedger();
  ledger.twins.push(twin(1, "relay.dev.grid.tf"), twin(7, undefined));
  ledger.farms.push(
    farm(1, "Freefarm", { publicIps: [ip("185.206.122.100", 0), ip("185.206.122.101", 21), ip("185.206.122.102", 0)] }),
    farm(2, "Alpine_Nile", { isGold: true }),
    farm(3, "Ironworks", { isDedicated: true, twinId: 7, publicIps: [ip("162.205.240.9", 0)] }),
  );
  ledger.nodes.push(
    node(1, 1, { isCertified: true, publicConfig: publicConfig("gent01.devgrid.test") }),
    node(2, 1, { resources: { cru: 4, mru: 8 * GIB, sru: 500 * GIB, hru: 0 }, publicConfig: publicConfig("") }),
    node(3, 2, { country: "Austria", city: "Vienna", createdAt: 1_600_000_000 }),
    node(4, 2, { country: "Egypt", city: "Cairo", power: { state: "Down", target: "Down" } }),
    node(5, 2, { country: "Egypt", city: "Giza", extraFee: 5000, latitude: "Unknown" }),
    node(6, 3, { country: "Finland", city: "Helsinki" }),
  );
  ledger.contracts.push(
    nodeContract(21, 2, { publicIps: 1 }),
    nodeContract(22, 2, { state: { kind: "GracePeriod", sinceBlock: 5 }, twinId: 9 }),
    rentContract(23, 3, 7),
    nameContract(24, "shop"),
  );
  ledger.used.set(21, { cru: 2, mru: 1 * GIB, sru: 30 * GIB, hru: 0 });
  ledger.used.set(22, { cru: 1, mru: 1 * GIB, sru: 10 * GIB, hru: 0 });
  const facts = new Map([
    [1, nodeFacts({ hasIpv6: true })],
    [2, nodeFacts({ workloadCount: 3 })],
    [3, nodeFacts({ isHealthy: false, gpus: CARDS, features: [...ZOS3, "zmachine-light"] })],
    [4, nodeFacts({ isOnline: false })],
    [5, nodeFacts({ isOnline: false, isHealthy: undefined })],
    [6, nodeFacts({ features: ["zmount"] })],
  ]);
  return { ledger, factsOf: (nodeId) => facts.get(nodeId) };
}

const CARDS = [
  { id: "0000:28:00.0/1002/731f", vendor: "AMD", device: "Radeon RX 5600", contract: 0 },
  { id: "0000:41:00.0/10de/2204", vendor: "NVIDIA", device: "RTX 3090", contract: 23 },
];

function twin(twinId: number, relay: string | undefined): Twin {
  return { twinId, accountId: new Uint8Array(32).fill(twinId), relay, encryptionKey: undefined };
}

function farm(farmId: number, name: string, rest: Partial<LedgerFarm>): LedgerFarm {
  return { farmId, name, twinId: 1, isDedicated: false, isGold: false, publicIps: [], ...rest };
}

function ip(address: string, contractId: number): LedgerFarm["publicIps"][number] {
  return { ip: `${address}/24`, gateway: address.replace(/\d+$/, "1"), contractId };
}

function publicConfig(domain: string): LedgerNode["publicConfig"] {
  return { ip4: "185.206.122.31/24", gw4: "185.206.122.1", ip6: domain ? "2a10:b600:1::31/64" : "", gw6: "", domain };
}

function node(nodeId: number, farmId: number, rest: Partial<LedgerNode>): LedgerNode {
  return {
    nodeId,
    farmId,
    twinId: 100 + nodeId,
    resources: { cru: 16, mru: 64 * GIB, sru: 1000 * GIB, hru: 2000 * GIB },
    country: "Belgium",
    city: "Ghent",
    latitude: "51.05",
    longitude: "3.72",
    publicConfig: undefined,
    isCertified: false,
    power: { state: "Up", target: "Up" },
    createdAt: 1_650_000_000,
    extraFee: 0,
    ...rest,
  };
}
