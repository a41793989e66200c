/**
 * Choosing nodes: a pure decision from what is wanted and what the directory lists. Repeated with the same input it gives
 * the same answer.
 */

/** What a workload needs of its node. Sizes in bytes. */
export interface PlacementRequest {
  /** Exactly this node. */
  readonly nodeId?: number;
  readonly cru: number;
  readonly mru: number;
  readonly sru: number;
  readonly hru: number;
  /** Public IPv4 the farm must have free. */
  readonly freeIpv4: number;
  /** true: with a public IPv4 of its own; false: without; undefined: either. */
  readonly publicAccess?: boolean;
  readonly gateway: boolean;
  readonly certified?: boolean;
  readonly country?: string;
  readonly city?: string;
  readonly region?: string;
  readonly farmId?: number;
  readonly features: readonly string[];
  readonly exclude: readonly number[];
  /** Requests with the same text land on different nodes. */
  readonly spread?: string;
}

/** The lasting facts of a node: what a choice may be held to later. */
export interface NodeFacts {
  readonly nodeId: number;
  readonly twinId: number;
  readonly farmId: number;
  readonly farmName: string;
  readonly country: string;
  readonly city: string;
  /** "" when unknown. */
  readonly region: string;
  readonly isCertified: boolean;
  /** "" when hidden. */
  readonly publicIpv4: string;
  readonly publicIpv6: string;
  /** Gateway domain, or "". */
  readonly domain: string;
  readonly features: readonly string[];
}

/** A node that could be chosen, with what it has left. Bytes. */
export interface Candidate extends NodeFacts {
  readonly isUp: boolean;
  readonly totalCru: number;
  readonly free: { readonly mru: number; readonly sru: number; readonly hru: number };
  readonly farmFreeIps: number;
  /** Whether the account may deploy there: not rented by another, not dedicated without a rent. */
  readonly isAvailable: boolean;
}

/** A choice for every request that has one, and why the others have none. */
export interface Placement {
  readonly chosen: ReadonlyMap<string, Candidate>;
  /** Key of the request → reason. */
  readonly findings: ReadonlyMap<string, string>;
}

/** Why a node's lasting facts do not suit a request; undefined when they do. */
export function unfitness(request: PlacementRequest, node: NodeFacts): string | undefined {
  const differs = (wanted: string | undefined, is: string) =>
    wanted !== undefined && wanted.toLowerCase() !== is.toLowerCase();
  const missing = request.features.filter((feature) => !node.features.includes(feature));
  const reasons: readonly [boolean, string][] = [
    [request.nodeId !== undefined && request.nodeId !== node.nodeId, `is not node ${request.nodeId}`],
    [request.exclude.includes(node.nodeId), "is excluded"],
    [differs(request.country, node.country), `is in ${node.country}, not in ${request.country}`],
    [differs(request.city, node.city), `is in ${node.city}, not in ${request.city}`],
    // The directory filters by region but does not tell it: a node that was found without one is not held to it.
    [node.region !== "" && differs(request.region, node.region), `is not in ${request.region}`],
    [request.farmId !== undefined && request.farmId !== node.farmId, `is in farm ${node.farmId}`],
    [request.certified === true && !node.isCertified, "is not certified"],
    [request.publicAccess === true && node.publicIpv4 === "", "has no public IPv4 of its own"],
    [request.publicAccess === false && (node.publicIpv4 !== "" || node.publicIpv6 !== ""), "is not hidden"],
    [request.gateway && (node.domain === "" || node.publicIpv4 === ""), "is no gateway"],
    [missing.length > 0, `lacks ${missing.join(", ")}`],
  ];
  return reasons.find(([fails]) => fails)?.[1];
}

/** What is still free while choices are made. */
interface Room {
  readonly free: Record<"mru" | "sru" | "hru", number>;
  count: number;
}

/**
 * Chooses a node for every request: the most constrained request first, each on the fitting node with the fewest of this
 * set so far, then the most free memory, then the lowest number. Several requests on one node share what it has free.
 */
export function choosePlacement(
  requests: ReadonlyMap<string, PlacementRequest>,
  candidates: readonly Candidate[],
): Placement {
  const rooms = new Map(candidates.map((node) => [node.nodeId, { free: { ...node.free }, count: 0 }]));
  const ips = new Map(candidates.map((node) => [node.farmId, node.farmFreeIps]));
  const spreads = new Map<string, Set<number>>();
  const chosen = new Map<string, Candidate>();
  const findings = new Map<string, string>();
  for (const [key, request] of mostConstrainedFirst(requests, candidates)) {
    const used = spreads.get(request.spread ?? "") ?? new Set();
    const isFree = (node: Candidate) =>
      misfit(request, node, rooms.get(node.nodeId), ips.get(node.farmId) ?? 0) === undefined &&
      !(request.spread !== undefined && used.has(node.nodeId));
    const best = candidates.filter(isFree).sort(byRoom(rooms))[0];
    if (!best) {
      findings.set(key, explain(request, candidates, { rooms, ips }));
      continue;
    }
    take(request, rooms.get(best.nodeId));
    ips.set(best.farmId, (ips.get(best.farmId) ?? 0) - request.freeIpv4);
    if (request.spread !== undefined) spreads.set(request.spread, used.add(best.nodeId));
    chosen.set(key, best);
  }
  return { chosen, findings };
}

function mostConstrainedFirst(
  requests: ReadonlyMap<string, PlacementRequest>,
  candidates: readonly Candidate[],
): [string, PlacementRequest][] {
  const counts = new Map(
    [...requests].map(([key, request]) => [key, candidates.filter((node) => !unfitness(request, node)).length]),
  );
  return [...requests].sort(([a], [b]) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0) || (a < b ? -1 : Number(a > b)));
}

function misfit(request: PlacementRequest, node: Candidate, room: Room | undefined, ips: number): string | undefined {
  const unfit = unfitness(request, node);
  if (unfit) return unfit;
  const free = room?.free ?? node.free;
  const reasons: readonly [boolean, string][] = [
    [!node.isUp, "is not up"],
    [!node.isAvailable, "is rented or dedicated to others"],
    [node.totalCru < request.cru, `has ${node.totalCru} cores`],
    [free.mru < request.mru, "has too little free memory"],
    [free.sru < request.sru, "has too little free SSD"],
    [free.hru < request.hru, "has too little free HDD"],
    [ips < request.freeIpv4, "is in a farm without enough free public IPv4"],
  ];
  return reasons.find(([fails]) => fails)?.[1];
}

function byRoom(rooms: ReadonlyMap<number, Room>): (a: Candidate, b: Candidate) => number {
  const room = (node: Candidate) => rooms.get(node.nodeId);
  return (a, b) =>
    (room(a)?.count ?? 0) - (room(b)?.count ?? 0) ||
    (room(b)?.free.mru ?? 0) - (room(a)?.free.mru ?? 0) ||
    a.nodeId - b.nodeId;
}

function take(request: PlacementRequest, room: Room | undefined): void {
  if (!room) return;
  room.count++;
  room.free.mru -= request.mru;
  room.free.sru -= request.sru;
  room.free.hru -= request.hru;
}

/** Says of the nearest misses what they lack, most frequent reason first. */
function explain(
  request: PlacementRequest,
  candidates: readonly Candidate[],
  left: { readonly rooms: ReadonlyMap<number, Room>; readonly ips: ReadonlyMap<number, number> },
): string {
  if (candidates.length === 0) return "the directory lists no such node";
  const counts = new Map<string, number>();
  for (const node of candidates) {
    const reason =
      misfit(request, node, left.rooms.get(node.nodeId), left.ips.get(node.farmId) ?? 0) ??
      "is taken by another request of the same spread";
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const ranked = [...counts].sort(([, a], [, b]) => b - a).slice(0, 3);
  if (request.nodeId !== undefined) {
    const node = candidates.find(({ nodeId }) => nodeId === request.nodeId);
    const reason = node && misfit(request, node, left.rooms.get(node.nodeId), left.ips.get(node.farmId) ?? 0);
    return node ? `node ${request.nodeId} ${reason ?? "is taken"}` : `there is no node ${request.nodeId}`;
  }
  return `of ${candidates.length} nodes none fits: ${ranked.map(([reason, count]) => `${count} ${count === 1 ? reason : reason.replace(/^is /, "are ").replace(/^has /, "have ")}`).join(", ")}`;
}
