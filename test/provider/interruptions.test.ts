/** Real Terraform, the packaged provider, real signals, slow nodes and timed blocks. */
import { type GridProject, leftovers, NOTHING, startInterruptedProject } from "../support/grid-project";
import { joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";
import { type Blow, controlC, interrupted, killProvider, killTerraform, type Moment } from "../support/interruption";
import { type PackagedProvider, packageProvider } from "../support/packaged-provider";
import { Dice } from "../support/plan-truth/dice";
import { readState } from "../support/terraform-state";

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
  });
}

const FIRST = config({ cpu: 1, size: 1 });
const SECOND = config({ cpu: 2, size: 2, more: true });

const APPLY = ["apply", "-auto-approve", "-no-color"];

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
  const inState = standing.map(({ contract_id: id }) => Number(id)).sort((a, b) => a - b);
  const { contracts: onGrid, deployments } = leftovers(project.grid);
  expect(onGrid).toEqual(inState);
  expect(onGrid).toHaveLength(contracts);
  expect(deployments.map((each) => Number(each.split("/")[1])).sort((a, b) => a - b)).toEqual(onGrid);
  expect((await project.terraform.plan()).changes).toEqual([]);
}

interface Member {
  readonly contract_id?: string;
  readonly status: string;
}

/** A way to be interrupted, and how often it happens: run after run, each goes on from the one before. */
interface Trial {
  readonly title: string;
  readonly blow: Blow;
  /** Struck runs of each phase. */
  readonly times: number;
}

const TRIALS: readonly Trial[] = [
  { title: "Ctrl-C", blow: controlC, times: 4 },
  { title: "a killed provider", blow: killProvider, times: 8 },
  { title: "a killed Terraform", blow: killTerraform, times: 8 },
];

/** Latest moments of each kind that are drawn; later ones most runs would not see. */
const LATEST: ReadonlyMap<Moment["what"], number> = new Map([
  ["messages", 8],
  ["extrinsics", 1],
  ["writes", 3],
  ["jobs", 2],
]);

/** Set INTERRUPTIONS_SEED to see other moments. */
const SEED = Number(process.env.INTERRUPTIONS_SEED ?? 1);

test.each(TRIALS)("$title in the middle of it: the next run finishes the job", async ({ title, blow, times }) => {
  const dice = new Dice(SEED);
  const made = new Set<number>();
  let struck = 0;
  const isStruckAt = async (args: readonly string[], moment: Moment) => {
    const run = await interrupted(project, args, { moment, blow });
    const where = `${title} at ${moment.more} ${moment.what}, seed ${SEED}`;
    const said = `${run.stdout}${run.stderr}`;
    expect([where, said]).not.toEqual([where, expect.stringContaining("TFG_PROVIDER_DEFECT")]);
    expect([where, blow === controlC ? tainted() : []]).toEqual([where, []]);
    for (const id of leftovers(project.grid).contracts) made.add(id);
    return run.isStruck;
  };
  /** Interrupts a command some times. What one run had too little of, the next ones have no more of. */
  const strike = async (args: readonly string[]) => {
    const enough = struck + times;
    const latest = new Map(LATEST);
    while (struck < enough && latest.size > 0) {
      const [what, last] = dice.pick([...latest]);
      const more = 1 + dice.below(last);
      if (await isStruckAt(args, { what, more })) struck++;
      else if (more > 1) latest.set(what, more - 1);
      else latest.delete(what);
    }
  };

  project.write(FIRST);
  await strike(APPLY);
  await project.terraform.apply();
  await expectDone(5);
  expect(leftovers(project.grid).contracts).toEqual(expect.arrayContaining([...made]));

  project.write(SECOND);
  await strike(APPLY);
  await project.terraform.apply();
  await expectDone(6);
  expect(leftovers(project.grid).contracts).toEqual(expect.arrayContaining([...made]));

  await strike(["destroy", "-auto-approve"]);
  await project.terraform.destroy();
  await project.grid.control("dev.awaitNodes");
  expect(leftovers(project.grid)).toEqual(NOTHING);
  process.stdout.write(`${title}: ${struck} runs of Terraform struck\n`);
  expect(struck).toBeGreaterThanOrEqual(2 * times);
});
