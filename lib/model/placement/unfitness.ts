import { GIB } from "../../core/units";
import type { NodeFacts, PlacementRequest } from "./request";

/** Says what speaks against a node, as a predicate of it: `is not certified`. False when nothing does. */
export type Rule<Node> = (request: PlacementRequest, node: Node) => string | false;

const lastingRules: readonly Rule<NodeFacts>[] = [
  ({ nodeId }, node) => nodeId !== undefined && nodeId !== node.nodeId && `is not node ${nodeId}`,
  ({ exclude }, node) => exclude.includes(node.nodeId) && "is excluded",
  ({ country }, node) => differs(country, node.country) && `is in ${node.country}, not in ${country}`,
  ({ city }, node) => differs(city, node.city) && `is in ${node.city}, not in ${city}`,
  // The directory filters by region but does not tell it: a node that was found without one is not held to it.
  ({ region }, node) => node.region !== "" && differs(region, node.region) && `is not in ${region}`,
  ({ farmId }, node) => farmId !== undefined && farmId !== node.farmId && `is not in farm ${farmId}`,
  ({ certified }, node) => certified === true && !node.isCertified && "is not certified",
  ({ publicAccess }, node) => publicAccess === true && node.publicIpv4 === "" && "has no public IPv4 of its own",
  ({ publicAccess }, node) =>
    publicAccess === false && (node.publicIpv4 !== "" || node.publicIpv6 !== "") && "is not hidden",
  ({ gateway }, node) => gateway && (node.domain === "" || node.publicIpv4 === "") && "is no gateway",
  lacksFeatures,
  ({ cru }, { total }) => total !== undefined && cru > total.cru && `has fewer than ${cru} cores`,
  ({ mru }, { total }) =>
    total !== undefined && mru > usableMemory(total.mru) && `has less than ${gib(mru)} of memory for machines`,
  ({ sru }, { total }) => total !== undefined && sru > total.sru && `has less than ${gib(sru)} of SSD in all`,
  ({ hru }, { total }) => total !== undefined && hru > total.hru && `has less than ${gib(hru)} of HDD in all`,
  ({ freeIpv4 }, node) => freeIpv4 > 0 && node.farmHasIpv4 === false && "is in a farm without any public IPv4",
];

/** Why a node's lasting facts do not suit a request; undefined when they do. What is unknown is not held against it. */
export function unfitness(request: PlacementRequest, node: NodeFacts): string | undefined {
  for (const rule of lastingRules) {
    const reason = rule(request, node);
    if (reason) return reason;
  }
  return undefined;
}

/** Everything that the lasting facts of a node have against a request. */
export function lastingReasons(request: PlacementRequest, node: NodeFacts): string[] {
  return lastingRules.flatMap((rule) => rule(request, node) || []);
}

/**
 * Memory that machines may have on a node, all together: it keeps a tenth, at least 2 GiB, and never promises more.
 *
 * @source zosbase pkg/primitives/statistics.go (node source)
 */
export function usableMemory(totalBytes: number): number {
  return totalBytes - Math.max(totalBytes / 10, 2 * GIB);
}

function lacksFeatures({ features }: PlacementRequest, node: NodeFacts): string | false {
  const missing = features.filter((feature) => !alternatives(feature).some((each) => node.features.includes(each)));
  return missing.length > 0 && `lacks ${missing.map((feature) => alternatives(feature).join(" or ")).join(", ")}`;
}

/** `zmachine|zmachine-light`: one of them will do. */
function alternatives(feature: string): readonly string[] {
  return feature.split("|");
}

function differs(wanted: string | undefined, is: string): boolean {
  return wanted !== undefined && wanted.toLowerCase() !== is.toLowerCase();
}

function gib(bytes: number): string {
  return `${Number((bytes / GIB).toFixed(2))} GiB`;
}
