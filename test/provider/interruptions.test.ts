/** Real Terraform, the packaged provider, real signals, slow nodes and timed blocks. */
import { type GridProject, leftovers, startInterruptedProject } from "../support/grid-project";
import { gatewayName, joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";
import {
  awaitDeserted,
  type Blow,
  controlC,
  controlCTwice,
  interrupted,
  killProvider,
  killTerraform,
  type Moment,
} from "../support/interruption";
import { type PackagedProvider, packageProvider } from "../support/packaged-provider";
import { Dice } from "../support/plan-truth/dice";
import { secondClient } from "../support/second-client";
import type { StackConfig } from "../support/simulation/simulated-terraform";
import { adopting, lineageToAdopt, oneLine, toldToCancel } from "../support/simulation/sweep";
import { isStateEmptied, readState } from "../support/terraform-state";

const NODE = 1;
let packaged: PackagedProvider;
let project: GridProject;

beforeAll(async () => {
  packaged = await packageProvider();
});
afterAll(() => packaged?.remove());

beforeEach(async () => {
  project = await startInterruptedProject(packaged, { blockMs: 120, provisionMs: 60 });
});
afterEach(() => project?.close());

function config(step: { readonly cpu: number; readonly size: number; readonly more?: boolean }) {
  const hosts = { web: NODE, api: 2, ...(step.more ? { far: 4 } : {}) };
  return stack(PROJECT, {
    threefold_network: { mesh: mesh(hosts) },
    threefold_virtual_machine: {
      web: machine(NODE, {
        cpu: step.cpu,
        network: joined("web"),
        disks: [{ size_gib: 1, mount_point: "/data" }],
      }),
      // Without a mesh: its port is chosen on the node.
      lone: machine(2, { name: "lone" }),
    },
    threefold_zdb: { db: zdb(NODE, { size_gib: step.size }) },
    // Two contracts; on another node it is another of the first, and the same of the name.
    threefold_gateway_name: { shop: gatewayName(step.more ? 2 : NODE) },
  });
}

const FIRST = config({ cpu: 1, size: 1 });
const SECOND = config({ cpu: 2, size: 2, more: true });

/** What is interrupted: all of a run, or its second half where the first one never gets to the moment. */
async function commandUntil({ what }: Moment, flags: readonly string[]): Promise<readonly string[]> {
  if (what === "messages") return ["apply", "-auto-approve", "-no-color", ...flags];
  await project.terraform.succeed("plan", "-out=saved.tfplan", ...flags);
  return ["apply", "-no-color", "saved.tfplan"];
}

/** Addresses that the state calls tainted. */
function tainted(): string[] {
  return readState(project.terraform.dir).resources.flatMap(({ address, tainted: is }) => (is ? [address] : []));
}

/** The job is done: everything in state is well, everything on the grid is in state, and nothing is there twice. */
async function expectDone(contracts: number): Promise<void> {
  await project.grid.control("dev.awaitNodes");
  const resources = await project.terraform.resources();
  const members = resources.flatMap(({ values }) => Object.values((values.members ?? {}) as Record<string, Member>));
  const standing = [...resources.map(({ values }) => values as unknown as Member), ...members].filter(
    ({ contract_id: id }) => id,
  );
  expect(standing.map(({ status }) => status)).toEqual(standing.map(() => "ok"));
  const onNodes = sorted(standing.map(({ contract_id: id }) => id));
  const names = standing.flatMap(({ name_contract_id: id }) => id ?? []);
  const { contracts: onGrid, deployments } = leftovers(project.grid);
  expect(onGrid).toEqual(sorted([...onNodes, ...names]));
  expect(onGrid).toHaveLength(contracts);
  expect(sorted(deployments.map((each) => each.split("/")[1]))).toEqual(onNodes);
  if (contracts > 0) expect((await project.terraform.plan()).changes).toEqual([]);
}

const sorted = (ids: readonly (string | number | undefined)[]) => ids.map(Number).sort((a, b) => a - b);

interface Member {
  readonly contract_id?: string;
  readonly name_contract_id?: string;
  readonly status: string;
}

/** A way to be interrupted, and how often it has to happen. */
interface Trial {
  readonly title: string;
  readonly blow: Blow;
  readonly times: number;
}

const TRIALS: readonly Trial[] = [
  { title: "Ctrl-C", blow: controlC, times: 10 },
  { title: "Ctrl-C twice", blow: controlCTwice, times: 5 },
  { title: "a killed provider", blow: killProvider, times: 20 },
  { title: "a killed Terraform", blow: killTerraform, times: 20 },
];

/** Latest moments of each kind that are drawn. */
const LATEST: Readonly<Record<Moment["what"], number>> = { messages: 20, extrinsics: 2, writes: 5, jobs: 5 };

/** What a stack goes through, and how many contracts it has then. */
const LIFE = [
  { config: FIRST, contracts: 7 },
  { config: SECOND, contracts: 8 },
  { config: SECOND, contracts: 0 },
] as const;

/** Set INTERRUPTIONS_SEED to see other moments. */
const SEED = Number(process.env.INTERRUPTIONS_SEED ?? 1);

/** Runs of one trial at moments drawn from the seed. */
class Striker {
  struck = 0;
  readonly #dice = new Dice(SEED);

  constructor(private readonly trial: Trial) {}

  /** One run that something is to happen to; false when it was faster. */
  async isStruck(flags: readonly string[]): Promise<boolean> {
    const { title, blow } = this.trial;
    const what = this.#dice.pick(["messages", "extrinsics", "writes", "jobs"] as const);
    const moment = { what, more: 1 + this.#dice.below(LATEST[what]) };
    const run = await interrupted(project, await commandUntil(moment, flags), { moment, blow });
    const where = `${title} at ${moment.more} ${what}, seed ${SEED}`;
    const said = `${run.stdout}${run.stderr}`;
    expect([where, said]).not.toEqual([where, expect.stringContaining("TFG_PROVIDER_DEFECT")]);
    expect([where, blow === controlC ? tainted() : []]).toEqual([where, []]);
    if (run.isStruck) this.struck++;
    return run.isStruck;
  }
}

const gateway = async () => (await project.terraform.attributes("threefold_gateway_name.shop")) ?? {};

/**
 * What Terraform knew is lost when it goes at the moment in which its state is written. The next run names what stands and the
 * way to take it back, and says of what is left which contracts to cancel: done as told, all is found. Gives what was cancelled.
 */
async function takeBack(wanted: StackConfig): Promise<readonly number[]> {
  const { grid, terraform } = project;
  if (!isStateEmptied(terraform.dir) || leftovers(grid).contracts.length === 0) return [];
  process.stdout.write("Terraform lost its state\n");
  const { diagnostics } = await terraform.fail("apply", "-auto-approve");
  const said = oneLine(diagnostics).join("\n");
  const lineage = lineageToAdopt(said);
  if (lineage === undefined) throw new Error(`nothing says how to take back what stands: ${said}`);
  project.write({ ...adopting(wanted, lineage) });
  const adoption = await terraform.apply();
  project.write({ ...wanted });
  const strays = toldToCancel(leftovers(grid).contracts, oneLine(adoption.diagnostics));
  const user = await secondClient(grid, undefined, "ed25519");
  for (const id of strays) await user.cancel(id);
  await user.close();
  return strays;
}

/** Strikes at most two runs of a step of the life, and lets one finish it. */
async function goThrough({ config, contracts }: (typeof LIFE)[number], striker: Striker): Promise<void> {
  const flags = contracts > 0 ? [] : ["-destroy"];
  project.write(config);
  const { contract_id: former } = await gateway();
  const made = new Set<number>();
  for (let most = 2; most > 0 && (await striker.isStruck(flags)); most--) {
    for (const id of leftovers(project.grid).contracts) made.add(id);
  }
  const cancelled = await takeBack(config);
  await project.terraform.apply(...flags);
  await expectDone(contracts);
  // Nothing was made in vain. The gateway alone leaves its contract when it moves.
  for (const id of [Number(former), ...cancelled]) made.delete(id);
  if (contracts > 0) expect(leftovers(project.grid).contracts).toEqual(expect.arrayContaining([...made]));
}

test.each(TRIALS)("$title in the middle of it: the next run finishes the job", async (trial) => {
  const striker = new Striker(trial);
  for (let life = 1; striker.struck < trial.times; life++) {
    expect(life).toBeLessThan(trial.times);
    for (const step of LIFE) await goThrough(step, striker);
  }
  await awaitDeserted(project.terraform.dir);
  process.stdout.write(`${trial.title}: ${striker.struck} runs of Terraform struck\n`);
});
