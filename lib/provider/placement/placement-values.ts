import { GIB, MIB } from "../../core/units";
import type { DirectoryNode } from "../../grid/clients";
import type { Candidate, NodeFacts, PlacementRequest } from "../../model/placement";
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
  };
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
  };
}

/** What the directory says of a node, as a candidate for this twin. */
export function candidateOf(node: DirectoryNode, twinId: number): Candidate {
  const { total, used } = node;
  const isRentedByUs = node.rentedByTwinId === twinId;
  const needsRent = node.isInDedicatedFarm || node.extraFee > 0;
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
    totalCru: total.cru,
    free: { mru: total.mru - used.mru, sru: total.sru - used.sru, hru: total.hru - used.hru },
    farmFreeIps: node.farmFreeIps,
    isAvailable: isRentedByUs || (node.rentedByTwinId === 0 && !needsRent),
  };
}
