import {
  atLeast,
  byNumber,
  claims,
  containsText,
  equals,
  hasFeatures,
  hasStatus,
  isText,
  isTextIgnoringCase,
} from "./filters";
import { isAvailableFor } from "./node-filters";
import { type FilterTable, type ListSchema, type Page, parseFilters, selectPage, splitParams } from "./query";
import type { FarmRow, NodeRow } from "./rows";

/** @source tfgrid-sdk-go grid-proxy/internal/explorer/db/postgres.go, GetFarms */
const farmFilters: FilterTable<FarmRow> = {
  free_ips: atLeast((row) => row.freeIps),
  total_ips: atLeast((row) => row.json.publicIps.length),
  stellar_address: isText((row) => row.json.stellarAddress),
  pricing_policy_id: equals((row) => row.json.pricingPolicyId),
  farm_id: equals((row) => row.json.farmId),
  twin_id: equals((row) => row.json.twinId),
  name: isTextIgnoringCase((row) => row.json.name),
  name_contains: containsText((row) => [row.json.name]),
  certification_type: isText((row) => row.json.certificationType),
  dedicated: claims((row) => row.json.dedicated),
};

/** Filters that must hold for one and the same node of the farm. */
const nodeFilters: FilterTable<NodeRow> = {
  node_free_mru: atLeast((row) => row.free.mru),
  node_free_hru: atLeast((row) => row.free.hru),
  node_free_sru: atLeast((row) => row.free.sru),
  node_total_cru: atLeast((row) => row.json.total_resources.cru),
  node_status: hasStatus((row) => row.json.status),
  node_rented_by: equals((row) => row.json.rentedByTwinId),
  node_available_for: byNumber(isAvailableFor),
  node_has_gpu: claims((row) => row.json.num_gpu > 0),
  node_has_ipv6: claims((row) => row.hasIpv6),
  node_certified: claims((row) => row.json.certificationType === "Certified"),
  node_features: hasFeatures((row) => row.json.features),
  country: isTextIgnoringCase((row) => row.json.country),
  region: isTextIgnoringCase((row) => row.region),
};

const sorts: ListSchema<FarmRow>["sorts"] = {
  name: (row) => row.json.name,
  farm_id: (row) => row.json.farmId,
  twin_id: (row) => row.json.twinId,
  dedicated: (row) => row.json.dedicated,
  free_ips: (row) => row.freeIps,
  total_ips: (row) => row.json.publicIps.length,
  used_ips: (row) => row.json.publicIps.length - row.freeIps,
};

/** The page of farms that the parameters of `/farms` ask for. */
export function selectFarms(farms: readonly FarmRow[], params: URLSearchParams): Page<FarmRow> {
  const [nodeParams, farmParams] = splitParams(params, nodeFilters);
  const nodeMatches = parseFilters(nodeParams, nodeFilters);
  const fitting = nodeParams.size === 0 ? farms : farms.filter((farm) => farm.nodes.some(nodeMatches));
  const rank = nodeParams.has("node_available_for") ? rentedRank : undefined;
  return selectPage(fitting, farmParams, {
    filters: farmFilters,
    sorts,
    typeName: "Farm",
    defaultSort: "farm_id",
    rank,
  });
}

function rentedRank(farm: FarmRow): number {
  return farm.nodes.some((node) => node.json.rented) ? 1 : 2;
}
