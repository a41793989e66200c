import { GIB } from "../../core/units";
import type { NodeContract, RentContract } from "../../model/contract";
import type { Ledger, LedgerFarm, LedgerNode } from "../ledger";
import type { NodeFacts } from "./node-facts";
import { monthlyPrice } from "./price";
import { regionOf } from "./regions";
import type { Capacity, NodeJson, NodeRow, NodeStatus } from "./rows";

/** Kept for the system on every node. @source tfgrid-sdk-go grid-proxy/internal/explorer/db/setup.sql, resources_cache_view */
const SYSTEM_SRU = 20 * GIB;
const LEAST_SYSTEM_MRU = 2 * GIB;

/** A node that reported nothing for this long counts as down. @source tfgrid-sdk-go grid-proxy/pkg/nodestatus */
const UP_INTERVAL_SEC = 80 * 60;

/** What a node row is made of. */
export interface NodeSource {
  /** For chain time and reported resources. */
  readonly ledger: Ledger;
  /** The chain's record. */
  readonly node: LedgerNode;
  /** Undefined when the chain has lost it; the node then has no name of a farm and no public IPs. */
  readonly farm: LedgerFarm | undefined;
  /** Live node contracts on the node. */
  readonly contracts: readonly NodeContract[];
  /** The live rent contract, if any. */
  readonly rent: RentContract | undefined;
  /** Undefined when no emulated node stands behind the record: it then counts as down. */
  readonly facts: NodeFacts | undefined;
}

/** One node as the directory would list it now. */
export function nodeRow(source: NodeSource): NodeRow {
  const { node, farm, facts } = source;
  const total = capacityOf(node.resources);
  const used = usedResources(source, total);
  const isDedicatedFarm = farm?.isDedicated ?? false;
  const canBeRented = isDedicatedFarm || source.contracts.length === 0;
  const fullPrice = monthlyPrice(total, node.isCertified, node.extraFee);
  return {
    json: {
      ...identity(source),
      ...liveness(source),
      ...hardware(source),
      total_resources: total,
      used_resources: used,
      publicConfig: publicConfig(node),
      dedicated: canBeRented || source.rent !== undefined || node.extraFee > 0,
      inDedicatedFarm: isDedicatedFarm,
      rentContractId: source.rent?.contractId ?? 0,
      rented: source.rent !== undefined,
      rentable: canBeRented && source.rent === undefined,
      rentedByTwinId: source.rent?.twinId ?? 0,
      price_usd: fullPrice,
      farm_free_ips: freeIps(farm),
    },
    free: {
      cru: total.cru - used.cru,
      mru: total.mru - used.mru,
      sru: total.sru - used.sru,
      hru: total.hru - used.hru,
    },
    region: regionOf(node.country),
    isHealthy: facts?.isHealthy,
    hasIpv6: facts?.hasIpv6 ?? false,
    farmTwinId: farm?.twinId ?? 0,
    isDedicated: canBeRented || source.rent !== undefined,
    workloadCount: facts?.workloadCount ?? 0,
    fullPrice,
  };
}

/** Public IPv4 of a farm that no contract holds. */
export function freeIps(farm: LedgerFarm | undefined): number {
  return farm?.publicIps.filter((ip) => ip.contractId === 0).length ?? 0;
}

function identity({ node, farm }: NodeSource) {
  return {
    id: `devgrid-node-${node.nodeId}`,
    nodeId: node.nodeId,
    farmId: node.farmId,
    farmName: farm?.name ?? "",
    twinId: node.twinId,
    country: node.country,
    city: node.city,
    gridVersion: 3,
    farmingPolicyId: 1,
    created: node.createdAt,
    location: {
      country: node.country,
      city: node.city,
      longitude: degrees(node.longitude),
      latitude: degrees(node.latitude),
    },
    certificationType: node.isCertified ? "Certified" : "Diy",
    serialNumber: "",
    extraFee: node.extraFee,
  } satisfies Partial<NodeJson>;
}

function liveness({ ledger, node, facts }: NodeSource) {
  const now = Math.floor(ledger.now() / 1000);
  const isPoweredOn = node.power.state === "Up" && node.power.target === "Up";
  const isReporting = facts?.isOnline ?? false;
  const updatedAt = isReporting || !isPoweredOn ? now : now - UP_INTERVAL_SEC - 1;
  return {
    status: statusOf(isPoweredOn, isReporting),
    power: node.power,
    healthy: facts?.isHealthy ?? false,
    uptime: Math.max(0, updatedAt - node.createdAt),
    updatedAt,
  } satisfies Partial<NodeJson>;
}

function statusOf(isPoweredOn: boolean, isReporting: boolean): NodeStatus {
  if (!isPoweredOn) return "standby";
  return isReporting ? "up" : "down";
}

function hardware({ ledger, facts }: NodeSource) {
  const updatedAt = Math.floor(ledger.now() / 1000);
  const gpus = facts?.gpus ?? [];
  return {
    num_gpu: gpus.length,
    gpus: gpus.map(({ id, vendor, device, contract }) => ({ id, vendor, device, contract, updated_at: updatedAt })),
    features: facts?.features ?? [],
    dmi: {
      bios: { vendor: "devgrid", version: "1" },
      baseboard: { manufacturer: "devgrid", product_name: "emulated node" },
      processor: [],
      memory: [],
      UpdatedAt: 0,
    },
    speed: { upload: 1e9, download: 1e9, UpdatedAt: 0 },
  } satisfies Partial<NodeJson>;
}

/** Sums what the node reported for its live contracts and adds the system's share. */
function usedResources({ ledger, contracts }: NodeSource, total: Capacity): Capacity {
  const used = { cru: 0, sru: SYSTEM_SRU, hru: 0, mru: Math.max(Math.floor(total.mru / 10), LEAST_SYSTEM_MRU) };
  for (const { contractId } of contracts) {
    const reported = ledger.getUsedResources(contractId);
    if (!reported) continue;
    used.cru += reported.cru;
    used.sru += reported.sru;
    used.hru += reported.hru;
    used.mru += reported.mru;
  }
  return used;
}

function publicConfig({ publicConfig: config }: LedgerNode): NodeJson["publicConfig"] {
  return {
    domain: config?.domain ?? "",
    gw4: config?.gw4 ?? "",
    gw6: config?.gw6 ?? "",
    ipv4: config?.ip4 ?? "",
    ipv6: config?.ip6 ?? "",
  };
}

function capacityOf({ cru, sru, hru, mru }: LedgerNode["resources"]): Capacity {
  return { cru, sru, hru, mru };
}

/** Coordinates are free text on the chain: what is no number is null here. */
function degrees(text: string): number | null {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : null;
}
