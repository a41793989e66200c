import {
  atLeast,
  byDecimal,
  byNumber,
  claims,
  containsText,
  equals,
  hasFeatures,
  hasStatus,
  isIn,
  isNotIn,
  isTextIgnoringCase,
} from "./filters";
import { type FilterTable, type ListSchema, type Page, parseFilters, selectPage, splitParams } from "./query";
import type { Capacity, GpuJson, NodeRow } from "./rows";

/** Filters of `/nodes` and `/gateways`. @source tfgrid-sdk-go grid-proxy/internal/explorer/db/postgres.go, GetNodes */
const filters: FilterTable<NodeRow> = {
  status: hasStatus((row) => row.json.status),
  free_mru: atLeast((row) => row.free.mru),
  free_sru: atLeast((row) => row.free.sru),
  free_hru: atLeast((row) => row.free.hru),
  total_mru: atLeast((row) => row.json.total_resources.mru),
  total_sru: atLeast((row) => row.json.total_resources.sru),
  total_hru: atLeast((row) => row.json.total_resources.hru),
  total_cru: atLeast((row) => row.json.total_resources.cru),
  country: isTextIgnoringCase((row) => row.json.country),
  city: isTextIgnoringCase((row) => row.json.city),
  farm_name: isTextIgnoringCase((row) => row.json.farmName),
  region: isTextIgnoringCase((row) => row.region),
  country_contains: containsText((row) => [row.json.country]),
  city_contains: containsText((row) => [row.json.city]),
  farm_name_contains: containsText((row) => [row.json.farmName]),
  farm_ids: isIn((row) => row.json.farmId),
  node_ids: isIn((row) => row.json.nodeId),
  excluded: isNotIn((row) => row.json.nodeId),
  node_id: equals((row) => row.json.nodeId),
  twin_id: equals((row) => row.json.twinId),
  free_ips: atLeast((row) => row.json.farm_free_ips),
  ipv4: claims((row) => row.json.publicConfig.ipv4 !== ""),
  ipv6: claims((row) => row.json.publicConfig.ipv6 !== ""),
  domain: claims((row) => row.json.publicConfig.domain !== ""),
  has_ipv6: claims((row) => row.hasIpv6),
  certification_type: isTextIgnoringCase((row) => row.json.certificationType),
  in_dedicated_farm: claims((row) => row.json.inDedicatedFarm),
  dedicated: claims((row) => row.isDedicated),
  rentable: claims((row) => row.json.rentable),
  rented: claims((row) => row.json.rented),
  rented_by: equals((row) => row.json.rentedByTwinId),
  available_for: byNumber(isAvailableFor),
  rentable_or_rented_by: byNumber((row, twinId) => row.json.rentable || row.json.rentedByTwinId === twinId),
  owned_by: equals((row) => row.farmTwinId),
  num_gpu: atLeast((row) => row.json.num_gpu),
  healthy: claims((row) => row.isHealthy),
  price_min: byDecimal((row, price) => row.json.price_usd >= price),
  price_max: byDecimal((row, price) => row.json.price_usd <= price),
  features: hasFeatures((row) => row.json.features),
};

/** Filters that must hold for one and the same card; without any card none of them matches, not even `has_gpu=false`. */
const cardFilters: FilterTable<GpuJson> = {
  has_gpu: claims(() => true),
  gpu_available: claims((card) => card.contract === 0),
  gpu_device_id: containsText((card) => [card.id]),
  gpu_vendor_id: containsText((card) => [card.id]),
  gpu_device_name: containsText((card) => [card.device]),
  gpu_vendor_name: containsText((card) => [card.vendor]),
};

const STATUS_ORDER = { up: 1, standby: 2, down: 3 };

const sorts: ListSchema<NodeRow>["sorts"] = {
  node_id: ({ json }) => json.nodeId,
  farm_id: ({ json }) => json.farmId,
  twin_id: ({ json }) => json.twinId,
  country: ({ json }) => json.country,
  city: ({ json }) => json.city,
  uptime: ({ json }) => json.uptime,
  created: ({ json }) => json.created,
  updated_at: ({ json }) => json.updatedAt,
  ...capacitySorts("total_", ({ json }) => json.total_resources),
  ...capacitySorts("used_", ({ json }) => json.used_resources),
  free_cru: ({ free }) => free.cru,
  status: ({ json }) => STATUS_ORDER[json.status],
  dedicated_farm: ({ json }) => json.inDedicatedFarm,
  rent_contract_id: ({ json }) => json.rentContractId,
  rented: ({ json }) => json.rented,
  rentable: ({ json }) => json.rentable,
  num_gpu: ({ json }) => json.num_gpu,
  extra_fee: ({ json }) => json.extraFee,
  price_usd: ({ json }) => json.price_usd,
};

/** The page of nodes that the parameters of `/nodes` or `/gateways` ask for. */
export function selectNodes(nodes: readonly NodeRow[], params: URLSearchParams): Page<NodeRow> {
  const [cardParams, nodeParams] = splitParams(params, cardFilters);
  const cardMatches = parseFilters(cardParams, cardFilters);
  const fitting = cardParams.size === 0 ? nodes : nodes.filter(({ json }) => json.gpus.some(cardMatches));
  const rentedFirst = nodeParams.has("available_for") || nodeParams.has("rentable_or_rented_by");
  const rank = rentedFirst ? ({ json }: NodeRow) => (json.rented ? 1 : 2) : undefined;
  return selectPage(fitting, nodeParams, { filters, sorts, typeName: "Node", defaultSort: "node_id", rank });
}

/** True when a twin may deploy on the node: it rents it, or nobody does and it is neither dedicated nor for a fee. */
export function isAvailableFor({ json }: NodeRow, twinId: number): boolean {
  return json.rentedByTwinId === twinId || (!json.rented && !json.inDedicatedFarm && json.extraFee === 0);
}

function capacitySorts(prefix: string, read: (row: NodeRow) => Capacity): ListSchema<NodeRow>["sorts"] {
  return {
    [`${prefix}cru`]: (row) => read(row).cru,
    [`${prefix}sru`]: (row) => read(row).sru,
    [`${prefix}hru`]: (row) => read(row).hru,
    [`${prefix}mru`]: (row) => read(row).mru,
  };
}
