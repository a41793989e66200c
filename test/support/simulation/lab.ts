/** A devgrid in a world of its own, and what stacks leave on it. */
import { isDeepStrictEqual } from "node:util";
import { Secret } from "../../../lib/core/secret";
import { Devgrid, type DevgridStartOptions } from "../../../lib/devgrid/devgrid";
import { createKeyPair } from "../../../lib/model/key-pair";
import type { ObjectValue } from "../../../lib/provider/schema/value";
import type { Block } from "../rpc-driver";
import { SimulatedTerraform, type SimulationOptions } from "./simulated-terraform";
import type { State } from "./state-store";
import { World } from "./world";

/** Blocks and workloads take their real time: it costs nothing. */
const REALISTIC = { blockMs: 6_000, provisionMs: 1_000 } as const;

/** How a lab was opened. */
interface SetUp {
  readonly options: DevgridStartOptions;
  /** Whether the world ends with it. */
  readonly ownsWorld: boolean;
}

/** A world with a grid in it. */
export class Lab {
  private constructor(
    readonly world: World,
    readonly grid: Devgrid,
    /** The account's seed, which stands for its mnemonic: reading that takes 25 ms. */
    readonly seed: string,
    private readonly setUp: SetUp,
  ) {}

  /** Makes a world and a grid in it, with blocks of 6 s and a second per workload unless the options say otherwise. */
  static async open(options: DevgridStartOptions = {}, world?: World): Promise<Lab> {
    const own = world ?? World.install();
    const grid = await own.run(() => Devgrid.start({ ...REALISTIC, clock: own.clock, ...options }));
    const { miniSecret } = await createKeyPair(new Secret(grid.describe().mnemonic), "ed25519");
    return new Lab(own, grid, miniSecret.reveal(), { options, ownsWorld: world === undefined });
  }

  /** Whether anything stands on the grid. */
  isLittered(): boolean {
    return this.grid.chain.listContracts().length > 0 || this.deployments().length > 0;
  }

  /** A fresh grid in the same world, in place of this one: everything from here on repeats itself with the seed. */
  async anew(seed = 1): Promise<Lab> {
    await this.world.run(() => this.grid.close());
    this.world.restart(seed);
    const { grid } = await Lab.open(this.setUp.options, this.world);
    return new Lab(this.world, grid, this.seed, this.setUp);
  }

  /** Ends grid and world. */
  async close(): Promise<void> {
    await this.world.run(() => this.grid.close());
    if (this.setUp.ownsWorld) this.world.uninstall();
  }

  /** Provider block for this grid. ed25519: its signatures cost next to nothing. */
  get provider(): Block {
    const { chain, relay, directory, dns } = this.grid.describe();
    return {
      key_type: "ed25519",
      chain_urls: [chain],
      relay_urls: [relay],
      directory_urls: [directory],
      dns_servers: [dns],
    };
  }

  /** A stack's Terraform with a state of its own. */
  terraform(options: Partial<SimulationOptions> = {}): SimulatedTerraform {
    const env = { THREEFOLD_MNEMONIC: this.seed };
    return new SimulatedTerraform({ world: this.world, provider: this.provider, env, ...options });
  }

  /** Lets the world go on until the work is done. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.world.run(work);
  }

  /** Calls a control of the grid. */
  control(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.run(() => this.world.as(undefined, () => this.grid.control(method, ...params)));
  }

  /** Lets so much time pass. */
  pass(ms: number): Promise<void> {
    return this.run(() => this.world.as(undefined, () => this.world.clock.sleep(ms)));
  }

  /** Contracts made since the start, refused ones included. */
  contractsMade(): number {
    const { calls } = this.grid.stats().chain;
    const makers = ["create_node_contract", "create_name_contract", "create_rent_contract"];
    return makers.reduce((sum, name) => sum + (calls[`SmartContractModule.${name}`] ?? 0), 0);
  }

  /** Signed extrinsics since the start. */
  extrinsics(): number {
    return this.grid.stats().chain.extrinsics;
  }

  /** What differs between a state and what stands on the grid under the given twins; empty when they agree. */
  differences(states: readonly State[]): string[] {
    const inState = states.flatMap((state) => [...state.values()].flatMap(({ object }) => contractsOf(object.state)));
    const onGrid = this.grid.chain.listContracts().map(({ contractId }) => contractId);
    const running = this.deployments().map(({ contractId }) => contractId);
    const nodeContracts = this.grid.chain
      .listContracts()
      .filter(({ kind }) => kind === "node")
      .map(({ contractId }) => contractId);
    return [
      ...compare("contract", inState, onGrid, ["in state and not on the chain", "on the chain and not in state"]),
      ...compare("contract", nodeContracts, running, ["without a deployment", "a deployment without a contract"]),
      ...this.deployments().flatMap(({ nodeId, contractId, workloads }) => [
        ...workloads.flatMap(({ name, state, message }) =>
          state === "ok" ? [] : [`${contractId} on node ${nodeId}: ${name} is ${state} ${message}`],
        ),
        ...(workloads.length === 0 ? [`${contractId} on node ${nodeId} holds nothing`] : []),
      ]),
    ];
  }

  /** Contracts that stand and that a state does not name. */
  unnamed(state: State): number[] {
    const named = new Set([...state.values()].flatMap(({ object }) => contractsOf(object.state)));
    return this.grid.chain.listContracts().flatMap(({ contractId }) => (named.has(contractId) ? [] : [contractId]));
  }

  /** What runs, contract by contract. */
  deployments() {
    return [...this.grid.nodes].flatMap(([nodeId, node]) =>
      node.snapshot().deployments.map(({ contractId, active, changes, header }) => ({
        nodeId,
        contractId,
        header,
        workloads: active.map(({ name, type }) => {
          const last = changes.findLast((entry) => entry.name === name);
          return { name, type, data: last?.data, state: last?.result.state, message: last?.result.message };
        }),
      })),
    );
  }

  /** Everything that runs, without the numbers that differ from run to run: equal pictures are equal grids. */
  picture(): readonly string[] {
    return this.deployments()
      .flatMap(({ nodeId, workloads }) =>
        workloads.map(({ name, type, data }) => JSON.stringify([nodeId, type, name, data])),
      )
      .sort();
  }
}

/** Contracts that an object's state names. */
function contractsOf(state: ObjectValue): number[] {
  const members = Object.values((state.members ?? {}) as Record<string, ObjectValue>);
  return [state, ...members].flatMap(({ contract_id: id, name_contract_id: name }) =>
    [id, name].flatMap((each) => (typeof each === "string" ? [Number(each)] : [])),
  );
}

function compare(what: string, a: readonly number[], b: readonly number[], words: readonly [string, string]): string[] {
  const sorted = (list: readonly number[]) => [...list].sort((x, y) => x - y);
  if (isDeepStrictEqual(sorted(a), sorted(b))) return [];
  const only = (these: readonly number[], those: readonly number[], word: string) =>
    these.filter((each) => !those.includes(each)).map((each) => `${what} ${each} is ${word}`);
  const problems = [...only(a, b, words[0]), ...only(b, a, words[1])];
  return problems.length > 0 ? problems : [`${what}s ${sorted(a)} and ${sorted(b)}: one is there twice`];
}
