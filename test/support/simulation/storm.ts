/**
 * A random stack through a random life on a grid where everything goes wrong, all of it drawn from one seed: messages of
 * every service are lost, late, doubled, out of order, connections break, nodes reboot and vanish, transactions fail,
 * the provider and Terraform die, users press Ctrl-C. Then the weather clears, and what has to hold is looked at.
 */
import { createHash } from "node:crypto";
import { deployment, gatewayName, joined, machine, mesh, PROJECT, stack, zdb } from "../grid-stack";
import { Dice } from "../plan-truth/dice";
import type { Lab } from "./lab";
import { BLOWS, type RunResult, type SimulatedTerraform, type StackConfig, type Strike } from "./simulated-terraform";
import { BACKENDS } from "./state-store";
import { adopting } from "./sweep";

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

/** What goes wrong with transactions. A block that takes an extrinsic and is dropped, and one that never comes, are not among it yet. */
const TRANSACTION_FAULTS = ["drop", "usurp", "ban"] as const;

const SERVICES = ["chain", "relay", "directory"] as const;

/** Runs that may be needed once the weather is fine. */
const MAX_CALM_RUNS = 4;

/** What a stack consists of. */
interface Shape {
  readonly machines: ReadonlyMap<string, { readonly node: number; readonly cpu: number }>;
  readonly stores: ReadonlyMap<string, { readonly node: number; readonly size: number }>;
  readonly gateway: string | undefined;
  readonly volume: number | undefined;
}

/** Lives through one seed, on a grid of its own. */
export async function storm(lab: Lab, seed: number): Promise<StormReport> {
  return new Storm(lab, new Dice(seed), seed).live();
}

class Storm {
  readonly #trace = createHash("sha256");
  readonly #terraform: SimulatedTerraform;
  #runs = 0;
  #adopt: string | undefined;

  constructor(
    private readonly lab: Lab,
    private readonly dice: Dice,
    private readonly seed: number,
  ) {
    process.env.STORM_CANARY = CANARY;
    const env = { THREEFOLD_MNEMONIC: lab.seed, STORM_CANARY: CANARY };
    this.#terraform = lab.terraform({ backend: dice.pick(BACKENDS), env });
  }

  async live(): Promise<StormReport> {
    const problems: string[] = [];
    let shape = drawShape(this.dice, undefined);
    for (let change = 0; change < 2 + this.dice.below(2) && problems.length === 0; change++) {
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
    if (dice.chance(25)) {
      const fault = { message: "not today", command: dice.pick(["zos.deployment.deploy", "zos.deployment.update"]) };
      await this.lab.control("dev.failNode", dice.pick(NODES), fault);
    }
    for (const [method, ...params] of this.#incidents()) this.#later(method, params);
    const strike: Strike | undefined = dice.chance(50)
      ? { walk: "apply", at: 1 + dice.below(300), stroke: dice.pick(BLOWS) }
      : undefined;
    await this.#run(config, strike);
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
    const node = dice.pick(NODES);
    return dice.some(
      [
        ["dev.rebootNode", node],
        ["dev.setNodeOffline", dice.pick(NODES)],
        ["dev.disconnectRelay"],
        ["dev.restartRelay"],
        ["dev.setNodeAnswers", node, { isSilent: true }],
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
    for (let run = 1; run < MAX_CALM_RUNS && result.errors.length > 0; run++) result = await this.#run(config);
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
    for (const node of NODES) {
      await this.lab.control("dev.setNodeAnswers", node, { isSilent: false });
      await this.lab.control("dev.setNodeOffline", node, false);
    }
    await this.lab.pass(20_000);
  }

  async #run(config: StackConfig, strike?: Strike): Promise<RunResult> {
    const result = await this.lab.run(() => this.#terraform.apply(this.#adopted(config), strike));
    this.#runs++;
    this.#note(result);
    this.#adopt ??= /adopt = "([^"]+)"/.exec(result.errors.join("\n"))?.[1];
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
  };
}

function configOf({ machines, stores, gateway, volume }: Shape): StackConfig {
  const hosts = Object.fromEntries([...machines].map(([name, { node }]) => [name, node]));
  const volumes = volume && [{ name: "store", type: "volume", data: { size: volume * 2 ** 30 } }];
  return stack(PROJECT, {
    // Node 1 can always be dialled.
    ...(machines.size > 0 ? { threefold_network: { mesh: mesh(hosts, { nodes: [1] }) } } : {}),
    threefold_virtual_machine: Object.fromEntries(
      [...machines].map(([name, { node, cpu }]) => [
        name,
        machine(node, { name, cpu, network: joined(name), secret_env: { S: "env:STORM_CANARY" } }),
      ]),
    ),
    threefold_zdb: Object.fromEntries(
      [...stores].map(([name, { node, size }]) => [name, zdb(node, { name, size_gib: size, allow_data_loss: true })]),
    ),
    ...(gateway ? { threefold_gateway_name: { www: gatewayName(1, { backends: [gateway] }) } } : {}),
    ...(volumes ? { threefold_deployment: { raw: deployment(2, volumes, { allow_data_loss: true }) } } : {}),
  });
}
