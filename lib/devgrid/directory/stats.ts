import { hasStatus } from "./filters";
import { parseFilters } from "./query";
import type { NodeRow } from "./rows";
import type { DirectorySnapshot } from "./snapshot";

/** The sums of `/stats`, over the nodes of the asked statuses. */
export function gridStats(snapshot: DirectorySnapshot, params: URLSearchParams): Record<string, unknown> {
  const matches = parseFilters<NodeRow>(params, { status: hasStatus((row) => row.json.status) });
  const nodes = snapshot.nodes.filter(matches);
  const distribution: Record<string, number> = {};
  for (const { json } of nodes) distribution[json.country] = (distribution[json.country] ?? 0) + 1;
  const sum = (read: (row: NodeRow) => number) => nodes.reduce((total, row) => total + read(row), 0);
  const count = (test: (row: NodeRow) => boolean) => nodes.filter(test).length;
  return {
    nodes: nodes.length,
    farms: snapshot.farms.length,
    countries: Object.keys(distribution).length,
    totalCru: sum(({ json }) => json.total_resources.cru),
    totalSru: sum(({ json }) => json.total_resources.sru),
    totalMru: sum(({ json }) => json.total_resources.mru),
    totalHru: sum(({ json }) => json.total_resources.hru),
    publicIps: snapshot.publicIps.length,
    accessNodes: count(isAccessNode),
    gateways: count((row) => isAccessNode(row) && row.json.publicConfig.domain !== ""),
    twins: snapshot.twins.length,
    contracts: snapshot.contracts.length,
    nodesDistribution: distribution,
    gpus: count(({ json }) => json.num_gpu > 0),
    dedicatedNodes: count((row) => row.isDedicated),
    workloads_number: sum((row) => row.workloadCount),
  };
}

function isAccessNode({ json }: NodeRow): boolean {
  return json.publicConfig.ipv4 !== "" || json.publicConfig.ipv6 !== "";
}
