import type { OwnContracts } from "../../engine/own-contracts";
import {
  type Candidate,
  choosePlacement,
  contractsOf,
  findStanding,
  isDown,
  isMovable,
  type Placement,
  type PlacementRequest,
  type Standing,
} from "../../model/placement";
import { NodePool, type PoolGrid } from "./node-pool";
import { type MessageBus, RollCall } from "./roll-call";

/** What of the grid it takes. */
interface Grid extends PoolGrid, MessageBus {
  readonly ownContracts: Pick<OwnContracts, "listStamped">;
}

/** A choice for every request, and which nodes were found down. */
export interface Proposal extends Placement {
  /** By number: of the nodes where something is that may move, those that are down. */
  readonly down: readonly number[];
}

/** How often a node is asked that may be given up, and one that may be chosen in its place. */
const TRIES = { ofOld: 3, ofNew: 1 };

/** How many nodes are tried, one after the other, for something that has to move. */
const ROUNDS = 3;

const NOBODY_ANSWERS = "none of the nodes that were tried answers";

/**
 * Proposes a node for every request.
 *
 * @param project name or lineage of the project the requests are of; undefined: any
 */
export async function proposeNodes(
  requests: ReadonlyMap<string, PlacementRequest>,
  project: string | undefined,
  grid: Grid,
): Promise<Proposal> {
  const contracts = contractsOf(project, await grid.ownContracts.listStamped(grid.signal));
  const standing = findStanding(contracts, requests, project);
  const search = new NodeSearch(requests, standing, grid);
  await search.learn(contracts.map(({ nodeId }) => nodeId));
  return search.choose();
}

/** The search for nodes for one set of requests. */
class NodeSearch {
  readonly #pool: NodePool;
  readonly #roll: RollCall;
  #down: ReadonlySet<number> = new Set();

  constructor(
    private readonly requests: ReadonlyMap<string, PlacementRequest>,
    private readonly standing: Standing,
    grid: Grid,
  ) {
    this.#pool = new NodePool(grid);
    this.#roll = new RollCall(grid);
  }

  /** Learns of the nodes on which something stands and of those that may suit. @param places where the project has anything */
  async learn(places: readonly number[]): Promise<void> {
    const all = [...this.requests.values()];
    const explicit = all.flatMap(({ nodeId }) => nodeId ?? []);
    const open = [...this.requests].filter(([key, { nodeId }]) => nodeId === undefined && !this.standing.has(key));
    const numbered = [...explicit, ...[...this.standing.values()].flat().map(({ nodeId }) => nodeId)];
    const watched = this.#nodesToWatch(places);
    await Promise.all([
      this.#pool.addNumbered([...numbered, ...watched]),
      this.#pool.addFitting(open.map(([, request]) => request)),
    ]);
    // What stands is held to the addresses of its farm before it is left where it is.
    if (all.some(({ freeIpv4 }) => freeIpv4 > 0)) await this.#pool.complete(numbered);
    await this.#findDown(watched);
  }

  /** Chooses, and looks at all nodes when some request finds none, to say why. */
  async choose(): Promise<Proposal> {
    const first = await this.#chooseHeard();
    const isHomeless = ([key, { nodeId }]: readonly [string, PlacementRequest]) =>
      nodeId === undefined && !first.chosen.has(key);
    const homeless = [...this.requests].filter(isHomeless).map(([, request]) => request);
    if (homeless.length > 0) await this.#pool.addAll(homeless);
    const { chosen, findings } = homeless.length > 0 ? await this.#chooseHeard() : first;
    const whole = [...chosen].map(async ([key, node]) => [key, await this.#pool.completed(node)] as const);
    return { chosen: new Map(await Promise.all(whole)), findings, down: [...this.#down].sort((a, b) => a - b) };
  }

  /**
   * Nodes whose being down would move something: those where it stands. What a member of a mesh stands on is not always
   * known; then it may be on any of the project's.
   */
  #nodesToWatch(places: readonly number[]): ReadonlySet<number> {
    const movable = [...this.requests].filter(([, request]) => isMovable(request));
    return new Set(movable.flatMap(([key]) => this.standing.get(key)?.map(({ nodeId }) => nodeId) ?? places));
  }

  async #findDown(watched: ReadonlySet<number>): Promise<void> {
    const suspects = this.#pool.candidates().filter(({ nodeId, isUp }) => watched.has(nodeId) && !isUp);
    await this.#roll.ask(suspects, TRIES.ofOld);
    this.#down = new Set(this.#candidates().flatMap((node) => (isDown(node) ? node.nodeId : [])));
    const moving = [...this.requests].filter(([key]) => this.#isMoving(key)).map(([, request]) => request);
    if (moving.length > 0) await this.#pool.addFitting(moving);
  }

  /** Whether a request may have to leave a node that is down. */
  #isMoving(key: string): boolean {
    const request = this.requests.get(key);
    if (this.#down.size === 0 || !request || !isMovable(request)) return false;
    return this.standing.get(key)?.every(({ nodeId }) => this.#down.has(nodeId)) ?? true;
  }

  /**
   * Chooses until everything that has to move is given a node that answers. When none of them does, it may be our own way
   * to the nodes that is broken: then nothing moves.
   */
  async #chooseHeard(): Promise<Placement> {
    for (let round = 0; ; round++) {
      const { chosen, findings } = choosePlacement(this.requests, this.#candidates(), this.standing);
      const unheard = [...chosen].filter(([key, { nodeId }]) => this.#isMoving(key) && !this.#roll.isHeard(nodeId));
      if (unheard.length === 0) return { chosen, findings };
      if (round === ROUNDS || (round > 0 && !this.#roll.hasHeard)) {
        const keys = unheard.map(([key]) => key);
        return {
          chosen: new Map([...chosen].filter(([key]) => !keys.includes(key))),
          findings: new Map([...findings, ...keys.map((key) => [key, NOBODY_ANSWERS] as const)]),
        };
      }
      await this.#roll.ask(
        unheard.map(([, node]) => node),
        TRIES.ofNew,
      );
    }
  }

  #candidates(): Candidate[] {
    return this.#pool.candidates().map((node) => ({ ...node, isSilent: this.#roll.isSilent(node.nodeId) }));
  }
}
