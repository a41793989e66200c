/**
 * A random stack through a random life on a grid where everything goes wrong, all of it drawn from one seed: messages of
 * every service are lost, late, doubled, out of order, connections break, endpoints of the chain fall behind, nodes reboot,
 * in the middle of a deployment too, and vanish, transactions fail, the provider and Terraform die, users press Ctrl-C.
 * Then the weather clears, and what has to hold is looked at.
 */
import { createHash } from "node:crypto";
import { dedicatedNode, deployment, gatewayName, joined, machine, mesh, PROJECT, stack, zdb } from "../grid-stack";
import { Dice } from "../plan-truth/dice";
import type { Lab } from "./lab";
import { BLOWS, type RunResult, type SimulatedTerraform, type StackConfig, type Strike } from "./simulated-terraform";
import { BACKENDS } from "./state-store";
import { adopting, lineageToAdopt } from "./sweep";

/** What came of one seed. */
export interface StormReport {
  /** What does not hold; empty when all is well. */
  readonly problems: readonly string[];
  /** Stands for everything that happened: the same seed gives the same one. */
  readonly trace: string;
  /** Runs of Terraform. */
  readonly runs: number;
}

/** A secret that must not be seen anywhere. */
const CANARY = "storm-canary-5f1d2c";

/** Public nodes, a hidden one and one that is reachable by IPv6 only. */
const NODES = [1, 2, 4, 5, 6];

/** Light nodes, the second without WireGuard. */
const LIGHT_NODES = [7, 8];

/** A node with graphics cards, of a farm whose nodes have to be rented. */
const IRON = 11;

const CARDS = ["0000:28:00.0/1002/731f", "0000:41:00.0/10de/2204"];

const RENTED = "${threefold_dedicated_node.iron.node_id}";

const ALL_NODES = [...NODES, ...LIGHT_NODES, IRON];

/** What goes wrong with transactions. A block that takes an extrinsic and is dropped, and one that never comes, are not among it yet. */
const TRANSACTION_FAULTS = ["drop", "usurp", "ban"] as const;

const SERVICES = ["chain", "relay", "directory"] as const;

/** Runs that may be needed once the weather is fine. */
const MAX_CALM_RUNS = 4;

/** How long a node may keep what a late message has left for a contract that had ended. */
const HOUR_MS = 3_600_000;

/** What a stack consists of. */
interface Shape {
  readonly machines: ReadonlyMap<string, { readonly node: number; readonly cpu: number }>;
  readonly stores: ReadonlyMap<string, { readonly node: number; readonly size: number }>;
  readonly gateway: string | undefined;
  readonly volume: number | undefined;
  /** Node of a light machine. */
  readonly light: number | undefined;
  /** Graphics cards of a machine on a rented node. */
  readonly cards: readonly string[] | undefined;
}

/** Lives through one seed, on a grid of its own. */
export async function storm(lab: Lab, seed: number): Promise<StormReport> {
  const late = String(await lab.control("dev.openChainEndpoint"));
  return new Storm(lab, new Dice(seed), seed, late).live();
}

class Storm {
  readonly #trace = createHash("sha256");
  readonly #terraform: SimulatedTerraform;
  #runs = 0;
  #adopt: string | undefined;
  /** Nodes that may yet reboot. */
  readonly #rebooting = new Set<number>();
  /** Nodes that may yet refuse a command. */
  readonly #failing: (readonly [node: number, command: string])[] = [];

  constructor(
    private readonly lab: Lab,
    private readonly dice: Dice,
    private readonly seed: number,
    /** The endpoint of the chain that is asked first, and that may fall behind. */
    private readonly late: string,
  ) {
    process.env.STORM_CANARY = CANARY;
    const env = { THREEFOLD_MNEMONIC: lab.seed, STORM_CANARY: CANARY };
    const provider = { ...lab.provider, chain_urls: [late, ...(lab.provider.chain_urls as string[])] };
    this.#terraform = lab.terraform({ backend: dice.pick(BACKENDS), env, provider });
  }

  async live(): Promise<StormReport> {
    const problems: string[] = [];
    let shape = drawShape(this.dice, undefined);
    const changes = 1 + this.dice.below(2);
    for (let change = 0; change < changes && problems.length === 0; change++) {
      if (change > 0) shape = drawShape(this.dice, shape);
      for (let run = 0; run < 1 + this.dice.below(2); run++) await this.#inBadWeather(configOf(shape));
      problems.push(...(await this.#whenCalm(configOf(shape))));
    }
    if (problems.length === 0) {
      await this.#inBadWeather({ resource: {} });
      problems.push(...(await this.#whenCalm({ resource: {} })));
    }
    return { problems, trace: this.#trace.digest("hex"), runs: this.#runs };
  }

  /** One run with everything against it. It may fail, but it must not give anything away. */
  async #inBadWeather(config: StackConfig): Promise<void> {
    const { dice } = this;
    for (const service of SERVICES) {
      if (dice.chance(50)) await this.lab.control("dev.setWireFaults", service, this.#wireFaults(service));
    }
    await this.lab.control("dev.failExtrinsics", ...dice.some(TRANSACTION_FAULTS, 25));
    if (dice.chance(20)) await this.lab.control("dev.setDirectoryStale", true);
    await this.#plotAgainstNodes();
    for (const [method, ...params] of this.#incidents()) this.#later(method, params);
    const strike: Strike | undefined = dice.chance(50)
      ? { walk: "apply", at: 1 + dice.below(300), stroke: dice.pick(BLOWS) }
      : undefined;
    await this.#run(config, strike);
  }

  /** What waits for its occasion on single nodes: it may come in a later run, or never. */
  async #plotAgainstNodes(): Promise<void> {
    const { dice } = this;
    if (dice.chance(25)) {
      const fault = { message: "not today", command: dice.pick(["zos.deployment.deploy", "zos.deployment.update"]) };
      const node = dice.pick(ALL_NODES);
      await this.lab.control("dev.failNode", node, fault);
      this.#failing.push([node, fault.command]);
    }
    for (const node of dice.some(ALL_NODES, 8)) {
      const reboot = { afterSteps: 1 + dice.below(3), downSeconds: dice.below(30) };
      await this.lab.control("dev.rebootNode", node, reboot);
      this.#rebooting.add(node);
    }
  }

  #wireFaults(service: (typeof SERVICES)[number]): Record<string, number> {
    const { dice } = this;
    const common = { seed: dice.below(1e6), delayMs: dice.below(400), jitterMs: dice.below(400) };
    const percent = (most: number) => dice.below(most + 1) / 100;
    if (service === "chain") return { ...common, loss: percent(1), disconnect: percent(2) };
    if (service === "directory") return { ...common, loss: percent(5), refuse: percent(30), disconnect: percent(20) };
    return { ...common, loss: percent(8), duplicate: percent(30), reorder: percent(30), disconnect: percent(2) };
  }

  /** What happens once, some time during a run. */
  #incidents(): (readonly [string, ...unknown[]])[] {
    const { dice } = this;
    const node = dice.pick(ALL_NODES);
    return dice.some(
      [
        ["dev.rebootNode", node],
        ["dev.setNodeOffline", dice.pick(ALL_NODES)],
        ["dev.disconnectRelay"],
        ["dev.restartRelay"],
        ["dev.setNodeAnswers", node, { isSilent: true }],
        ["dev.setChainLag", this.late, 1 + dice.below(8)],
        ["dev.setChainLag", this.late, 1 + dice.below(2)],
        ["dev.setChainLag", this.late, 0],
      ] as const,
      20,
    );
  }

  #later(method: string, params: readonly unknown[]): void {
    const { world, grid } = this.lab;
    world.post(undefined, () => {
      setTimeout(() => void grid.control(method, ...params), this.dice.below(40_000));
    });
  }

  /** Everything works again; the next runs have to make up for the storm. */
  async #whenCalm(config: StackConfig): Promise<string[]> {
    await this.#clearUp();
    let result = await this.#run(config);
    for (let run = 1; run < MAX_CALM_RUNS && result.errors.length > 0; run++) {
      if (result.errors.some((error) => error.includes("clears it away within the hour"))) await this.lab.pass(HOUR_MS);
      result = await this.#run(config);
    }
    if (result.errors.length > 0) return result.errors.map((error) => `still fails: ${error}`);
    const { actions, errors } = await this.lab.run(() => this.#terraform.plan(this.#adopted(config)));
    return [
      ...errors,
      ...Object.entries(actions).map(([address, action]) => `the plan after it is not empty: ${action} ${address}`),
      ...this.lab.differences([this.#terraform.store.state]),
      ...(Object.keys(config.resource).length === 0 && this.lab.isLittered() ? ["something is left over"] : []),
    ];
  }

  async #clearUp(): Promise<void> {
    // Longer than any incident lets wait.
    await this.lab.pass(60_000);
    for (const service of SERVICES) await this.lab.control("dev.setWireFaults", service, null);
    await this.lab.control("dev.setDirectoryStale", false);
    await this.lab.control("dev.setChainLag", this.late, 0);
    // A reboot now takes the place of one that never came.
    for (const node of this.#rebooting) await this.lab.control("dev.rebootNode", node);
    this.#rebooting.clear();
    for (const node of ALL_NODES) {
      await this.lab.control("dev.setNodeAnswers", node, { isSilent: false });
      await this.lab.control("dev.setNodeOffline", node, false);
    }
    for (const [node, command] of this.#failing.splice(0)) await this.#useUpFault(node, command);
    await this.lab.pass(20_000);
  }

  /** A message that says nothing takes a refusal that never came; the node refuses it in any case. */
  async #useUpFault(nodeId: number, command: string): Promise<void> {
    const { world, grid } = this.lab;
    const ask = async () => grid.nodes.get(nodeId)?.handle(1, command);
    const refused = this.lab
      .run(() => world.as(undefined, ask))
      .then(
        () => false,
        () => true,
      );
    if (!(await refused)) throw new Error(`node ${nodeId} took an empty ${command}`);
  }

  async #run(config: StackConfig, strike?: Strike): Promise<RunResult> {
    const result = await this.lab.run(() => this.#terraform.apply(this.#adopted(config), strike));
    this.#runs++;
    this.#note(result);
    // Of two lost states the second is found when the first has been adopted.
    this.#adopt = lineageToAdopt(result.errors.join("\n")) ?? this.#adopt;
    return result;
  }

  #adopted(config: StackConfig): StackConfig {
    return this.#adopt === undefined ? config : adopting(config, this.#adopt);
  }

  #note({ errors, said, moments }: RunResult): void {
    const text = JSON.stringify([errors, said]);
    for (const secret of [CANARY, this.lab.seed]) {
      if (text.includes(secret)) throw new Error(`seed ${this.seed}: a secret was printed:\n${text}`);
    }
    const { log = [] } = this.#terraform.lastProcess ?? {};
    this.#trace.update(JSON.stringify([moments, log, this.lab.world.now, this.lab.extrinsics()]));
  }
}

function drawShape(dice: Dice, before: Shape | undefined): Shape {
  const machineOf = () => ({ node: dice.pick(NODES), cpu: 1 + dice.below(2) });
  const storeOf = () => ({ node: dice.pick([1, 2, 4]), size: 1 + dice.below(4) });
  const redraw = <T>(names: readonly string[], kept: ReadonlyMap<string, T> | undefined, draw: () => T) =>
    new Map(
      dice.some(names, 60).map((name) => {
        const old = kept?.get(name);
        return [name, old && dice.chance(50) ? old : draw()] as const;
      }),
    );
  return {
    machines: redraw(["a", "b", "c"], before?.machines, machineOf),
    stores: redraw(["x", "y"], before?.stores, storeOf),
    gateway: dice.pick([undefined, before?.gateway, "http://185.206.122.100:80", "http://185.206.122.101:80"]),
    volume: dice.pick([undefined, before?.volume, 1, 2]),
    light: dice.pick([undefined, before?.light, ...LIGHT_NODES]),
    cards: dice.pick([undefined, undefined, before?.cards, CARDS.slice(0, 1), CARDS]),
  };
}

function configOf({ machines, stores, gateway, volume, light, cards }: Shape): StackConfig {
  const secret = { secret_env: { S: "env:STORM_CANARY" } };
  const hosts = Object.fromEntries([...machines].map(([name, { node }]) => [name, node]));
  const volumes = volume && [{ name: "store", type: "volume", data: { size: volume * 2 ** 30 } }];
  return stack(PROJECT, {
    // Node 1 can always be dialled.
    ...(machines.size > 0 ? { threefold_network: { mesh: mesh(hosts, { nodes: [1] }) } } : {}),
    threefold_virtual_machine: {
      ...Object.fromEntries(
        [...machines].map(([name, { node, cpu }]) => [
          name,
          machine(node, { name, cpu, network: joined(name), ...secret }),
        ]),
      ),
      ...(light ? { light: machine(light, { name: "light", light: true, ...secret }) } : {}),
      ...(cards ? { cards: machine(0, { name: "cards", node_id: RENTED, gpus: cards, ...secret }) } : {}),
    },
    ...(cards ? { threefold_dedicated_node: { iron: dedicatedNode(IRON) } } : {}),
    threefold_zdb: Object.fromEntries(
      [...stores].map(([name, { node, size }]) => [name, zdb(node, { name, size_gib: size, allow_data_loss: true })]),
    ),
    ...(gateway ? { threefold_gateway_name: { www: gatewayName(1, { backends: [gateway] }) } } : {}),
    ...(volumes ? { threefold_deployment: { raw: deployment(2, volumes, { allow_data_loss: true }) } } : {}),
  });
}
