/**
 * Terraform for a whole stack without Terraform: its walks, its order, its state and what it makes of errors, over the
 * provider's own methods in the bytes of the wire. Each walk is a provider process of its own, which can be struck.
 *
 * @source hashicorp/terraform internal/terraform (node_resource_abstract_instance.go, transform_destroy_edge.go)
 */
import { silentLog } from "../../../lib/core/log";
import { defineProvider } from "../../../lib/provider/definition";
import type { SessionEnvironment } from "../../../lib/provider/provider-session";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "../../../lib/provider/schema/value";
import { ALL_THERE } from "../grid-project";
import { type Block, DriverError, type PlannedChange, RpcDriver, type StoredObject, type Warning } from "../rpc-driver";
import { applyOrder, type Change, type PlannedAction } from "./apply-order";
import { evaluate, referencesOf } from "./expression";
import { type Edges, inOrder } from "./in-order";
import { SimulatedProcess, type Stroke } from "./simulated-process";
import { type Backend, type Instance, StateStore } from "./state-store";
import type { World } from "./world";

/** A configuration as synth writes it. */
export interface StackConfig {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  /** Data sources; they refer to nothing. */
  readonly data?: StackConfig["resource"];
}

/** What happens to a run: its provider dies, a connection falls silent, one Ctrl-C, Terraform dies, two times Ctrl-C. */
export const BLOWS = ["kill", "mute", "stop", "kill-terraform", "stop-twice"] as const;

/** One of them. */
export type Blow = (typeof BLOWS)[number];

const STROKES: Readonly<Record<Blow, Stroke>> = {
  kill: "kill",
  mute: "mute",
  stop: "tell",
  "kill-terraform": "tell",
  "stop-twice": "tell",
};

/** How long a provider goes on without its Terraform. @source lib/provider/server/process/process-life.ts */
const ORPHAN_MS = 1000;

/** Where a run is struck: in which of its walks, at which moment of the provider, and how. */
export interface Strike {
  readonly walk: "plan" | "apply";
  readonly at: number;
  readonly stroke: Blow;
}

/** How a stack is run. */
export interface SimulationOptions {
  readonly world: World;
  readonly provider: Block;
  readonly env: SessionEnvironment["env"];
  readonly backend?: Backend;
  /** @default 10, as Terraform's own */
  readonly parallelism?: number;
}

/** What a run came to. */
export interface RunResult {
  /** Of each address that changes. */
  readonly actions: Readonly<Record<string, PlannedAction>>;
  /** What was said to the user: errors with their step and in full, first lines of warnings. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** Every warning of the run, with the call that it came with. */
  readonly said: readonly Warning[];
  /** Moments of the provider process in each walk. */
  readonly moments: Readonly<Record<Strike["walk"], number>>;
  /** The process was killed: nothing is known of how it ended. */
  readonly isKilled: boolean;
}

/** One walk: a provider process and the driver that speaks to it. */
interface Walking {
  readonly process: SimulatedProcess;
  readonly driver: RpcDriver;
}

const NO_MOMENTS = { plan: 0, apply: 0 };

/** Runs one stack through its life. */
export class SimulatedTerraform {
  readonly store: StateStore;
  /** Where the last run's provider was struck, for people who look at a failure. */
  lastProcess: SimulatedProcess | undefined;
  readonly #options: SimulationOptions;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.store = new StateStore(options.backend ?? "local", () => options.world.now);
  }

  /** Refreshes and plans, and keeps nothing but the refreshed state. */
  async plan(config: StackConfig): Promise<RunResult> {
    this.store.begin();
    const run = new Run(this.#options, this.store, config);
    await run.planWalk();
    this.lastProcess = run.process;
    return run.result();
  }

  /** Plans and applies. @param between what happens to the grid after the plan was made */
  async apply(config: StackConfig, strike?: Strike, between?: () => Promise<unknown>): Promise<RunResult> {
    this.store.begin();
    const run = new Run(this.#options, this.store, config, strike);
    await run.planWalk();
    if (between) await this.#options.world.as(undefined, between);
    if (run.errors.length === 0 && !run.isKilled) await run.applyWalk();
    this.lastProcess = run.process;
    if (!run.isKilled) this.store.persist();
    return run.result();
  }

  /** Imports an object and refreshes it. */
  async import(address: string, id: string): Promise<RunResult> {
    this.store.begin();
    const run = new Run(this.#options, this.store, { resource: {} });
    await run.importWalk(address, id);
    this.store.persist();
    return run.result();
  }

  /** Lets the next run replace an object, as `-replace` does. */
  taint(address: string): void {
    this.store.begin();
    this.store.set(address, { ...(this.store.state.get(address) as Instance), isTainted: true });
    this.store.persist();
  }

  /** Forgets an object, as `terraform state rm` does. */
  remove(address: string): void {
    this.store.begin();
    this.store.set(address, null);
    this.store.persist();
  }

  /** Destroys everything in state. */
  destroy(strike?: Strike): Promise<RunResult> {
    return this.apply({ resource: {} }, strike);
  }
}

/** One command on its way. */
class Run {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];
  readonly said: Warning[] = [];
  isKilled = false;
  process: SimulatedProcess | undefined;
  readonly #moments = { ...NO_MOMENTS };
  readonly #changes = new Map<string, Change>();
  readonly #blocks: ReadonlyMap<string, { readonly type: string; readonly block: Block }>;
  readonly #sources: ReadonlyMap<string, { readonly type: string; readonly block: Block }>;
  /** What data sources said, which the plan keeps for the apply. */
  readonly #data = new Map<string, ObjectValue>();
  #isStopped = false;

  constructor(
    private readonly options: SimulationOptions,
    private readonly store: StateStore,
    config: StackConfig,
    private readonly strike?: Strike,
  ) {
    this.#blocks = blocksOf(config.resource, "");
    this.#sources = blocksOf(config.data ?? {}, "data.");
  }

  result(): RunResult {
    const changing = [...this.#changes.values()].filter(({ action }) => action !== "no-op");
    return {
      actions: Object.fromEntries(changing.map(({ address, action }) => [address, action])),
      errors: this.errors,
      warnings: this.warnings,
      said: this.said,
      moments: this.#moments,
      isKilled: this.isKilled,
    };
  }

  /** Refreshes what stands, then plans in the order of references. */
  async planWalk(): Promise<void> {
    await this.#walk("plan", async ({ driver }) => {
      await this.#each([...this.store.state.keys()], [], async (address) => {
        const { type, object, ...rest } = this.store.state.get(address) as Instance;
        const found = await driver.refresh(type, object);
        // An imported object knows nothing of its dependencies until a configuration says so.
        const dependencies = [...new Set([...rest.dependencies, ...this.#refs(this.#blocks.get(address)?.block)])];
        this.store.set(address, found ? { ...rest, type, object: found, dependencies } : null);
      });
      await this.#each([...this.#sources.keys()], [], async (address) => {
        const { type, block } = this.#sources.get(address) as { type: string; block: Block };
        this.#data.set(address, await driver.readData(type, block));
      });
      if (this.errors.length > 0) return;
      const planned = new Map<string, ObjectValue>();
      const edges = [...this.#blocks].map(([address, { block }]) => [address, this.#refs(block)] as const);
      await this.#each([...this.#blocks.keys()], edges, async (address) => {
        const change = await this.#planOne(driver, address, planned);
        this.#changes.set(address, change);
        if (change.planned) planned.set(address, change.planned.planned);
      });
      for (const [address, { type }] of this.store.state) {
        if (this.#blocks.has(address)) continue;
        this.#changes.set(address, { address, type, action: "destroy", planned: undefined, isCreatedFirst: false });
      }
    });
  }

  /** Takes one object that stands into the state. */
  async importWalk(address: string, id: string): Promise<void> {
    await this.#walk("plan", async ({ driver }) => {
      const type = address.slice(0, address.indexOf("."));
      const found = await driver.refresh(type, await driver.importObject(type, id));
      if (!found) throw new Error(`${address} ${id} is not there`);
      this.store.set(address, { type, object: found, isTainted: false, dependencies: [] });
    });
  }

  /** Destroys first what goes, dependants before what they depend on; then makes and changes, the other way round. */
  async applyWalk(): Promise<void> {
    await this.#walk("apply", async (walking) => {
      const { steps, edges } = applyOrder([...this.#changes.values()], {
        dependsOn: (address, other) => this.#dependsOn(address, other),
        refersTo: (address, other) => this.#refs(this.#blocks.get(address)?.block).includes(other),
      });
      await this.#endDeposed(walking);
      await this.#each(steps, edges, async (step) => {
        const [verb, address = ""] = step.split(" ");
        const change = this.#changes.get(address) as Change;
        if (verb === "end") await this.#end(walking, change);
        else await this.#make(walking, change);
      });
    });
  }

  async #planOne(driver: RpcDriver, address: string, planned: ReadonlyMap<string, ObjectValue>): Promise<Change> {
    const { type, block } = this.#blocks.get(address) as { type: string; block: Block };
    const { lifecycle, ...own } = block as Block & { lifecycle?: { create_before_destroy?: boolean } };
    const standing = this.store.state.get(address);
    const values = this.#valuesOf(type, own, (ref) => planned.get(ref), driver);
    const known = standing && !standing.isTainted ? standing.object : undefined;
    const change = await driver.plan(type, known, values);
    const action = standing?.isTainted ? "replace" : change.action;
    return { address, type, action, planned: change, isCreatedFirst: lifecycle?.create_before_destroy === true };
  }

  async #make({ driver, process }: Walking, { address, type, planned, action, isCreatedFirst }: Change): Promise<void> {
    const { block } = this.#blocks.get(address) as { block: Block };
    const { lifecycle: _, ...own } = block;
    const before = this.store.state.get(address);
    if (isCreatedFirst && action === "replace" && before) {
      this.store.set(address, { ...before, deposed: before.object });
    }
    const dependencies = this.#refs(block);
    const values = this.#valuesOf(type, own, (ref) => this.store.state.get(ref)?.object.state, driver);
    const keep = (object: StoredObject, isTainted: boolean) => {
      if (this.isKilled) return;
      const deposed = this.store.state.get(address)?.deposed;
      this.store.set(address, { type, object, isTainted, dependencies, ...(deposed ? { deposed } : {}) });
    };
    try {
      keep(await driver.apply(type, planned as PlannedChange, values), false);
    } catch (error) {
      const stored = error instanceof DriverError && !process.isDead ? error.stored : undefined;
      if (stored) keep(stored, action !== "update");
      throw error;
    }
  }

  /** What an earlier run has replaced and not come to destroy. */
  async #endDeposed({ driver }: Walking): Promise<void> {
    for (const [address, { deposed, ...rest }] of this.store.state) {
      if (!deposed) continue;
      await driver.destroy(rest.type, deposed);
      this.store.set(address, rest);
    }
  }

  async #end({ driver }: Walking, { address, type, planned, action, isCreatedFirst }: Change): Promise<void> {
    const { object, deposed, ...rest } = this.store.state.get(address) as Instance;
    const isDeposed = isCreatedFirst && action === "replace";
    const target = isDeposed ? deposed : object;
    if (target) {
      // What is deposed gets a plan of its own, which knows nothing of its successor.
      if (planned && !isDeposed) await driver.destroyForReplacement(type, { ...planned, prior: target });
      else await driver.destroy(type, target);
    }
    if (this.isKilled) return;
    if (isDeposed) this.store.set(address, { ...rest, object });
    else this.store.set(address, null);
  }

  #valuesOf(
    type: string,
    block: Block,
    objects: (address: string) => ObjectValue | undefined,
    driver: RpcDriver,
  ): Block {
    const values = evaluate(block, (address) => this.#data.get(address) ?? objects(address)) as ObjectValue;
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, fitting(value, driver.typeOf(type, name))]),
    );
  }

  #refs(block: Block | undefined): string[] {
    return referencesOf(block).filter((address) => this.#blocks.has(address));
  }

  #dependsOn(address: string, other: string): boolean {
    const { block } = this.#blocks.get(address) ?? {};
    const known = [...this.#refs(block), ...(this.store.state.get(address)?.dependencies ?? [])];
    return address !== other && known.includes(other);
  }

  /** A provider process from its configuration to its end. */
  async #walk(kind: Strike["walk"], work: (walking: Walking) => Promise<void>): Promise<void> {
    const { world, provider, env } = this.options;
    const { strike } = this;
    const isMeant = strike?.walk === kind;
    let driver: RpcDriver | undefined;
    const onStrike = () => {
      const { stroke } = strike as Strike;
      if (stroke === "stop" || stroke === "stop-twice") {
        this.#isStopped = true;
        void driver?.stop();
      }
      if (stroke === "kill-terraform" || stroke === "stop-twice") {
        this.isKilled = true;
        setTimeout(() => process.kill(), ORPHAN_MS);
      }
    };
    const process = new SimulatedProcess(
      world,
      isMeant ? { at: strike.at, stroke: STROKES[strike.stroke], onStrike } : undefined,
    );
    this.process = process;
    const definition = defineProvider({ env, log: silentLog, clock: world.clock, images: ALL_THERE });
    const speaking = new RpcDriver(definition, provider, (call) => world.as(process, call));
    driver = speaking;
    try {
      await speaking.beginWalk();
      await work({ process, driver: speaking });
      await speaking.close();
    } catch (error) {
      // Terraform does not mind how a provider ends that has nothing left to do.
      if (!process.isDead) this.errors.push(messageOf(error));
    }
    this.said.push(...speaking.warnings);
    this.warnings.push(...speaking.warnings.map(({ summary }) => summary));
    this.#moments[kind] = process.moments;
    process.kill();
  }

  /** Does everything in the order of its edges, a few at a time, until the run is over. */
  async #each(steps: readonly string[], edges: Edges, act: (step: string) => Promise<void>): Promise<void> {
    await inOrder(steps, edges, this.options.parallelism ?? 10, async (step) => {
      if (this.#isStopped || this.isKilled) return false;
      try {
        await act(step);
        return true;
      } catch (error) {
        if (!this.isKilled) this.errors.push(`${step}: ${messageOf(error)}`);
        return false;
      }
    });
  }
}

/** Blocks by their addresses. */
function blocksOf(
  types: StackConfig["resource"],
  prefix: string,
): ReadonlyMap<string, { readonly type: string; readonly block: Block }> {
  return new Map(
    Object.entries(types).flatMap(([type, objects]) =>
      Object.entries(objects).map(([name, block]) => [`${prefix}${type}.${name}`, { type, block }] as const),
    ),
  );
}

/** A whole object given where fewer members are asked for, as Terraform converts it. */
function fitting(value: Value, type: unknown): Value {
  const members = typeof type === "object" && type !== null && "object" in type ? Object(type.object) : undefined;
  if (!members || !isObjectValue(value) || (value as unknown) === UNKNOWN) return value;
  return Object.fromEntries(Object.keys(members).map((name) => [name, value[name] ?? null]));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
