import type { DirectoryContract, DirectoryFarm, DirectoryNode } from "../clients";
import { directoryNonsense } from "./directory-errors";

type Json = Readonly<Record<string, unknown>>;

/**
 * A node out of the directory's JSON, from a list or alone (there the resources sit one level deeper). Fields that only
 * describe are read leniently; numbers that decide where a workload goes must be there.
 *
 * @throws {GridError} TFG_DIRECTORY_REFUSED when it is no node.
 */
export function parseNode(path: string, value: unknown): DirectoryNode {
  const json = objectOf(value);
  const resources = isObject(json.capacity) ? json.capacity : json;
  const publicConfig = objectOf(json.publicConfig);
  const required = (from: Json, name: string) => requireNumber(path, value, from, name);
  return {
    nodeId: requireId(path, value, json, "nodeId"),
    farmId: requireId(path, value, json, "farmId"),
    farmName: textOf(json.farmName),
    twinId: requireId(path, value, json, "twinId"),
    country: textOf(json.country),
    city: textOf(json.city),
    region: typeof json.region === "string" && json.region !== "" ? json.region : undefined,
    status: json.status === "up" || json.status === "standby" ? json.status : "down",
    isCertified: json.certificationType === "Certified",
    isHealthy: json.healthy === true,
    total: capacity(objectOf(resources.total_resources), required),
    used: capacity(objectOf(resources.used_resources), required),
    publicIpv4: textOf(publicConfig.ipv4),
    publicIpv6: textOf(publicConfig.ipv6),
    domain: textOf(publicConfig.domain),
    isInDedicatedFarm: json.inDedicatedFarm === true,
    isRentable: json.rentable === true,
    rentedByTwinId: numberOf(json.rentedByTwinId) ?? 0,
    extraFee: numberOf(json.extraFee) ?? 0,
    features: Array.isArray(json.features) ? json.features.filter((feature) => typeof feature === "string") : [],
    numGpu: numberOf(json.num_gpu) ?? 0,
    farmFreeIps: numberOf(json.farm_free_ips) ?? 0,
  };
}

/** A farm out of the directory's JSON. @throws {GridError} TFG_DIRECTORY_REFUSED when it is no farm. */
export function parseFarm(path: string, value: unknown): DirectoryFarm {
  const json = objectOf(value);
  const ips = Array.isArray(json.publicIps) ? json.publicIps.map(objectOf) : [];
  return {
    farmId: requireId(path, value, json, "farmId"),
    name: textOf(json.name),
    twinId: requireId(path, value, json, "twinId"),
    isDedicated: json.dedicated === true,
    certification: textOf(json.certificationType),
    publicIps: ips.length,
    freeIps: ips.filter((ip) => ip.contract_id === 0).length,
  };
}

/** A contract out of the directory's JSON. @throws {GridError} TFG_DIRECTORY_REFUSED when it is no contract. */
export function parseContract(path: string, value: unknown): DirectoryContract {
  const json = objectOf(value);
  const details = objectOf(json.details);
  const kind = json.type;
  if (kind !== "node" && kind !== "name" && kind !== "rent")
    throw directoryNonsense(path, "a contract is of an unknown type", value);
  return {
    contractId: requireId(path, value, json, "contract_id"),
    kind,
    deploymentData: textOf(details.deployment_data),
    nodeId: kind === "name" ? 0 : requireId(path, value, details, "nodeId"),
  };
}

function capacity(json: Json, required: (from: Json, name: string) => number): DirectoryNode["total"] {
  return {
    cru: required(json, "cru"),
    mru: required(json, "mru"),
    sru: required(json, "sru"),
    hru: required(json, "hru"),
  };
}

function requireNumber(path: string, whole: unknown, from: Json, name: string): number {
  const value = numberOf(from[name]);
  if (value === undefined) throw directoryNonsense(path, `"${name}" is no number`, whole);
  return value;
}

/** Ids count from 1. */
function requireId(path: string, whole: unknown, from: Json, name: string): number {
  const value = requireNumber(path, whole, from, name);
  if (!Number.isSafeInteger(value) || value < 1) throw directoryNonsense(path, `"${name}" is no id`, whole);
  return value;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
