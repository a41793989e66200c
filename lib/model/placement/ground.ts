import type { Candidate, PlacementRequest } from "./request";
import { lastingReasons, type Rule, unfitness, usableMemory } from "./unfitness";

/** What speaks against a node today, whatever else is placed. */
const momentaryRules: readonly Rule<Candidate>[] = [
  // Only the answer to a question for the region tells it.
  ({ nodeId, region }, node) =>
    nodeId === undefined && region !== undefined && node.region === "" && `is not in ${region}`,
  (_, { isUp }) => !isUp && "is not up",
  (_, { isSilent }) => isSilent && "does not answer",
  // A node that was asked for by number is its owner's affair: health is measured only now and then.
  ({ nodeId }, { isHealthy }) => nodeId === undefined && !isHealthy && "is not healthy",
  ({ rentable }, { rent }) => !rentable && rent === "others" && "is rented by another account",
  ({ rentable }, { rent }) => !rentable && rent === "needed" && "must be rented as a whole first",
  // A node that is named may be rented by the account already: that is how a rent whose state was lost is found again.
  ({ rentable, nodeId }, { isRentable, rent }) =>
    rentable === true && !isRentable && !(nodeId !== undefined && rent === "ours") && "cannot be rented",
];

/** What others have left of a node. */
interface Room {
  readonly free: Record<"mru" | "sru" | "hru", number>;
  /** Requests placed there. */
  count: number;
  /** Whether one of them rents it as a whole. */
  isLet: boolean;
}

/** The nodes while choices are made: each choice leaves less for the next. */
export class Ground {
  readonly #rooms: ReadonlyMap<number, Room>;
  readonly #ips: Map<number, number>;
  readonly #spreads = new Map<string, Set<number>>();

  constructor(candidates: readonly Candidate[]) {
    this.#rooms = new Map(candidates.map((node) => [node.nodeId, { free: { ...node.free }, count: 0, isLet: false }]));
    this.#ips = new Map(candidates.map((node) => [node.farmId, node.farmFreeIps]));
  }

  /** Whether nothing speaks against a node. */
  suits(request: PlacementRequest, node: Candidate): boolean {
    return (
      this.isSpreadFree(request, node) &&
      unfitness(request, node) === undefined &&
      this.#momentary(request, node).length === 0 &&
      this.shortages(request, node).length === 0
    );
  }

  /** Everything that speaks against a node. */
  reasons(request: PlacementRequest, node: Candidate): string[] {
    return [...this.#firmReasons(request, node), ...this.shortages(request, node)];
  }

  /** Whether a node would do if only it had more room. */
  isMerelyFull(request: PlacementRequest, node: Candidate): boolean {
    return this.#firmReasons(request, node).length === 0;
  }

  /** What there is too little of at the moment, though the node has enough in all. */
  shortages(request: PlacementRequest, node: Candidate): string[] {
    const free = this.#rooms.get(node.nodeId)?.free ?? node.free;
    const { total } = node;
    const isShort: readonly [string, boolean][] = [
      ["memory", request.mru > free.mru && request.mru <= usableMemory(total.mru)],
      ["SSD", request.sru > free.sru && request.sru <= total.sru],
      ["HDD", request.hru > free.hru && request.hru <= total.hru],
    ];
    const short = isShort.filter(([, is]) => is).map(([name]) => name);
    return short.length > 0 ? [`has too little free ${short.join(" and ")}`] : [];
  }

  /** Whether nothing of the same spread is on a node. */
  isSpreadFree({ spread }: PlacementRequest, { nodeId }: Candidate): boolean {
    return spread === undefined || !this.#spreads.get(spread)?.has(nodeId);
  }

  /** Puts a request on a node, where it takes room. */
  take(request: PlacementRequest, node: Candidate): void {
    this.occupy(request, node);
    const room = this.#rooms.get(node.nodeId);
    if (room) {
      room.isLet = request.rentable === true;
      room.free.mru -= request.mru;
      room.free.sru -= request.sru;
      room.free.hru -= request.hru;
    }
    this.#ips.set(node.farmId, (this.#ips.get(node.farmId) ?? 0) - request.freeIpv4);
  }

  /** Puts a request on a node whose use already counts what it takes. */
  occupy({ spread }: PlacementRequest, { nodeId }: Candidate): void {
    const room = this.#rooms.get(nodeId);
    if (room) room.count++;
    if (spread !== undefined) this.#spreads.set(spread, (this.#spreads.get(spread) ?? new Set()).add(nodeId));
  }

  /**
   * Order of preference: the fewest of this set so far, then the most free memory, then the lowest number. A node to be
   * rented is paid for as a whole: there it is the smallest one.
   */
  compare({ rentable }: PlacementRequest, a: Candidate, b: Candidate): number {
    if (rentable) return a.free.mru - b.free.mru || a.total.cru - b.total.cru || a.nodeId - b.nodeId;
    const [roomA, roomB] = [this.#rooms.get(a.nodeId), this.#rooms.get(b.nodeId)];
    return (
      (roomA?.count ?? 0) - (roomB?.count ?? 0) ||
      (roomB?.free.mru ?? 0) - (roomA?.free.mru ?? 0) ||
      a.nodeId - b.nodeId
    );
  }

  #firmReasons(request: PlacementRequest, node: Candidate): string[] {
    return [
      ...lastingReasons(request, node),
      ...this.#momentary(request, node),
      ...(this.isSpreadFree(request, node) ? [] : ["is taken by another request of the same spread"]),
    ];
  }

  #momentary(request: PlacementRequest, node: Candidate): string[] {
    const reasons = momentaryRules.flatMap((rule) => rule(request, node) || []);
    if (this.#isTaken(request, node)) reasons.push("is taken by another request");
    const ips = this.#ips.get(node.farmId) ?? 0;
    const lacksIps = request.freeIpv4 > ips && node.farmHasIpv4 !== false;
    return lacksIps ? [...reasons, "is in a farm without enough free public IPv4"] : reasons;
  }

  /** A node is rented for one request, and for nothing else of the set. */
  #isTaken({ rentable }: PlacementRequest, { nodeId }: Candidate): boolean {
    const room = this.#rooms.get(nodeId);
    return room !== undefined && (room.isLet || (rentable === true && room.count > 0));
  }
}
