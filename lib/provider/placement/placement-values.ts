import { GIB, MIB } from "../../core/units";
import type { DirectoryNode } from "../../grid/clients";
import type { Candidate, NodeFacts, OnNodeDown, PlacementRequest } from "../../model/placement";
import type { Attributes } from "../schema/attributes";
import type { ObjectValue } from "../schema/value";

/** Reads a request out of configuration. */
export function readRequest(attributes: Attributes): PlacementRequest {
  const flag = (name: string) => (attributes.value(name) === null ? undefined : attributes.flag(name));
  return {
    nodeId: attributes.number("node_id"),
    cru: attributes.number("cpu") ?? 0,
    mru: (attributes.number("memory_mib") ?? 0) * MIB,
    sru: (attributes.number("ssd_gib") ?? 0) * GIB,
    hru: (attributes.number("hdd_gib") ?? 0) * GIB,
    freeIpv4: attributes.number("free_ipv4") ?? 0,
    publicAccess: flag("public_access"),
    gateway: attributes.flag("gateway"),
    certified: flag("certified"),
    country: attributes.text("country"),
    city: attributes.text("city"),
    region: attributes.text("region"),
    farmId: attributes.number("farm_id"),
    features: attributes.texts("features"),
    exclude: attributes.numbers("exclude"),
    spread: attributes.text("spread"),
    rentable: flag("rentable"),
    onNodeDown: attributes.text("on_node_down") as OnNodeDown | undefined,
  };
}

/** Reads facts out of state or configuration. */
export function readFacts(attributes: Attributes): NodeFacts {
  return {
    nodeId: attributes.requireNumber("node_id"),
    twinId: attributes.number("twin_id") ?? 0,
    farmId: attributes.number("farm_id") ?? 0,
    farmName: attributes.text("farm_name") ?? "",
    country: attributes.text("country") ?? "",
    city: attributes.text("city") ?? "",
    region: attributes.text("region") ?? "",
    isCertified: attributes.flag("certified"),
    publicIpv4: attributes.text("public_ipv4") ?? "",
    publicIpv6: attributes.text("public_ipv6") ?? "",
    domain: attributes.text("domain") ?? "",
    features: attributes.texts("features"),
    total: readTotal(attributes),
    farmHasIpv4: attributes.value("farm_has_ipv4") === null ? undefined : attributes.flag("farm_has_ipv4"),
  };
}

/** States of earlier versions do not tell it. */
function readTotal(attributes: Attributes): NodeFacts["total"] {
  const [cru, mib, ssdGib, hddGib] = ["cpu", "memory_mib", "ssd_gib", "hdd_gib"].map((name) =>
    attributes.number(`total_${name}`),
  );
  if (cru === undefined || mib === undefined || ssdGib === undefined || hddGib === undefined) return undefined;
  return { cru, mru: mib * MIB, sru: ssdGib * GIB, hru: hddGib * GIB };
}

/** Writes facts in the schema's words. */
export function factsValue(facts: NodeFacts): ObjectValue {
  return {
    node_id: facts.nodeId,
    twin_id: facts.twinId,
    farm_id: facts.farmId,
    farm_name: facts.farmName,
    country: facts.country,
    city: facts.city,
    region: facts.region,
    certified: facts.isCertified,
    public_ipv4: facts.publicIpv4,
    public_ipv6: facts.publicIpv6,
    domain: facts.domain,
    features: [...facts.features].sort(),
    total_cpu: facts.total?.cru ?? null,
    total_memory_mib: whole(facts.total?.mru, MIB),
    total_ssd_gib: whole(facts.total?.sru, GIB),
    total_hdd_gib: whole(facts.total?.hru, GIB),
    farm_has_ipv4: facts.farmHasIpv4 ?? null,
  };
}

/** Requests come in whole units, too: what is lost by rounding down, none of them could use. */
function whole(bytes: number | undefined, unit: number): number | null {
  return bytes === undefined ? null : Math.floor(bytes / unit);
}

/** What the directory says of a node, as a candidate for this twin. */
export function candidateOf(node: DirectoryNode, twinId: number): Candidate {
  const { total, used } = node;
  return {
    nodeId: node.nodeId,
    twinId: node.twinId,
    farmId: node.farmId,
    farmName: node.farmName,
    country: node.country,
    city: node.city,
    region: node.region ?? "",
    isCertified: node.isCertified,
    publicIpv4: node.publicIpv4,
    publicIpv6: node.publicIpv6,
    domain: node.domain,
    features: node.features,
    isUp: node.status === "up",
    isSilent: false,
    isHealthy: node.isHealthy,
    total,
    free: { mru: total.mru - used.mru, sru: total.sru - used.sru, hru: total.hru - used.hru },
    farmFreeIps: node.farmFreeIps,
    farmHasIpv4: node.farmFreeIps > 0 ? true : undefined,
    rent: rentOf(node, twinId),
    isRentable: node.isRentable,
  };
}

/** @source gridproxy filter `available_for`, facts "directory" §2 */
function rentOf(node: DirectoryNode, twinId: number): Candidate["rent"] {
  if (node.rentedByTwinId !== 0) return node.rentedByTwinId === twinId ? "ours" : "others";
  return node.isInDedicatedFarm || node.extraFee > 0 ? "needed" : "free for all";
}
