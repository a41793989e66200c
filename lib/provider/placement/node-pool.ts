import type { EngineContext } from "../../engine/context";
import type { ChainClient, DirectoryClient } from "../../grid/clients";
import type { Candidate, PlacementRequest } from "../../model/placement";
import { candidateOf } from "./placement-values";

/** Nodes asked for by number in one question: their numbers travel in the address. */
const NUMBERS_PER_QUESTION = 200;

/** What of the grid it takes. */
export interface PoolGrid extends Pick<EngineContext, "twinId" | "signal"> {
  readonly chain: Pick<ChainClient, "getFarmIps">;
  readonly directory: Pick<DirectoryClient, "listNodes">;
}

/** The nodes that were learnt of so far, out of as few questions to the directory as will do. */
export class NodePool {
  readonly #grid: PoolGrid;
  readonly #nodes = new Map<number, Candidate>();
  readonly #farmHasIpv4 = new Map<number, Promise<boolean>>();

  constructor(grid: PoolGrid) {
    this.#grid = grid;
  }

  /** What is known by now. */
  candidates(): Candidate[] {
    return [...this.#nodes.values()];
  }

  /** Learns of nodes by number, up or down. */
  async addNumbered(nodeIds: readonly number[]): Promise<void> {
    const wanted = [...new Set(nodeIds)].sort((a, b) => a - b);
    const questions = Array.from({ length: Math.ceil(wanted.length / NUMBERS_PER_QUESTION) }, (_, index) =>
      wanted.slice(index * NUMBERS_PER_QUESTION, (index + 1) * NUMBERS_PER_QUESTION),
    );
    await Promise.all(questions.map((ids) => this.#add({ node_ids: ids.join(",") }, undefined)));
  }

  /** Learns of the nodes that may suit: what all have in common is left to the directory, the rest is decided here. */
  async addFitting(requests: readonly PlacementRequest[]): Promise<void> {
    const common = { status: "up", healthy: true };
    const uses = requests.filter(({ rentable }) => !rentable);
    const rents = requests.filter(({ rentable }) => rentable);
    await Promise.all([
      this.#addByRegion(uses, (alike) => ({ ...common, available_for: this.#grid.twinId, ...leastNeeds(alike) })),
      this.#addByRegion(rents, (alike) => ({ ...common, rentable: true, ...leastNeeds(alike) })),
    ]);
  }

  /** Learns of all nodes that are up, to say why none of them suits. */
  async addAll(requests: readonly PlacementRequest[]): Promise<void> {
    await this.#addByRegion(requests, () => ({ status: "up" }));
  }

  /** Completes the nodes of these numbers, as far as they are known. */
  async complete(nodeIds: readonly number[]): Promise<void> {
    const known = [...new Set(nodeIds)].flatMap((nodeId) => this.#nodes.get(nodeId) ?? []);
    await Promise.all(known.map((node) => this.completed(node)));
  }

  /** A candidate with what only the chain tells: addresses that are all in use still belong to the farm. */
  async completed(node: Candidate): Promise<Candidate> {
    if (node.farmHasIpv4 !== undefined) return node;
    const whole = { ...node, farmHasIpv4: await this.#askForIpv4(node.farmId) };
    this.#nodes.set(node.nodeId, whole);
    return whole;
  }

  async #addByRegion(
    requests: readonly PlacementRequest[],
    filterFor: (ofRegion: readonly PlacementRequest[]) => Query,
  ): Promise<void> {
    const regions = [...new Set(requests.map(({ region }) => region))];
    await Promise.all(
      regions.map((region) => this.#add(filterFor(requests.filter((each) => each.region === region)), region)),
    );
  }

  /** Listed with a region beats listed without: that is the one answer that tells it. */
  async #add(filter: Query, region: string | undefined): Promise<void> {
    const { directory, twinId, signal } = this.#grid;
    const listed = await directory.listNodes(region === undefined ? filter : { ...filter, region }, signal);
    for (const node of listed) {
      const known = this.#nodes.get(node.nodeId);
      if (!known?.region) this.#nodes.set(node.nodeId, candidateOf({ ...node, region: region ?? node.region }, twinId));
    }
  }

  #askForIpv4(farmId: number): Promise<boolean> {
    const asked = this.#farmHasIpv4.get(farmId);
    if (asked) return asked;
    const asking = this.#grid.chain.getFarmIps(farmId, this.#grid.signal).then((ips) => ips.length > 0);
    this.#farmHasIpv4.set(farmId, asking);
    return asking;
  }
}

type Query = Readonly<Record<string, string | number | boolean>>;

function leastNeeds(requests: readonly PlacementRequest[]): Query {
  const least = (of: (request: PlacementRequest) => number) => Math.min(...requests.map(of));
  const needs = {
    total_cru: least(({ cru }) => cru),
    free_mru: least(({ mru }) => mru),
    free_sru: least(({ sru }) => sru),
    free_hru: least(({ hru }) => hru),
  };
  return Object.fromEntries(Object.entries(needs).filter(([, value]) => value > 0));
}
