/** Real Terraform, the packaged provider, real signals, slow nodes and timed blocks. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type GridProject, leftovers, NOTHING, startPackagedProject } from "../support/grid-project";
import { joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";
import { type Blow, controlC, interrupted, killProvider, killTerraform, type Moment } from "../support/interruption";
import { type PackagedProvider, packageProvider } from "../support/packaged-provider";

const NODE = 1;
let packaged: PackagedProvider;
let project: GridProject;

beforeAll(async () => {
  packaged = await packageProvider();
});
afterAll(() => packaged?.remove());

beforeEach(async () => {
  project = await startPackagedProject(packaged, { blockMs: 120, provisionMs: 60 });
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
  const path = join(project.terraform.dir, "terraform.tfstate");
  if (!existsSync(path)) return [];
  const state = JSON.parse(readFileSync(path, "utf8")) as {
    resources: { type: string; name: string; instances: { status?: string }[] }[];
  };
  return state.resources
    .filter(({ instances }) => instances.some(({ status }) => status === "tainted"))
    .map(({ type, name }) => `${type}.${name}`);
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

/** A way to be interrupted, and the moments at which it happens: run after run, each goes on from the one before. */
interface Trial {
  readonly title: string;
  readonly blow: Blow;
  readonly creation: readonly Moment[];
  readonly change: readonly Moment[];
}

const TRIALS: readonly Trial[] = [
  {
    title: "Ctrl-C",
    blow: controlC,
    creation: [
      { what: "messages", more: 3 },
      { what: "extrinsics", more: 1 },
      { what: "jobs", more: 2 },
    ],
    change: [
      { what: "extrinsics", more: 1 },
      { what: "writes", more: 2 },
    ],
  },
  {
    title: "a killed provider",
    blow: killProvider,
    creation: [
      { what: "extrinsics", more: 1 },
      { what: "jobs", more: 1 },
    ],
    change: [{ what: "writes", more: 2 }],
  },
  {
    title: "a killed Terraform",
    blow: killTerraform,
    creation: [{ what: "writes", more: 1 }],
    change: [{ what: "jobs", more: 2 }],
  },
];

test.each(TRIALS)("$title in the middle of it: the next run finishes the job", async ({ blow, creation, change }) => {
  const made = new Set<number>();
  const run = async (args: readonly string[], moment: Moment) => {
    const { stdout, stderr } = await interrupted(project, args, { moment, blow });
    expect(`${stdout}${stderr}`).not.toContain("TFG_PROVIDER_DEFECT");
    expect(blow === controlC ? tainted() : []).toEqual([]);
    for (const id of leftovers(project.grid).contracts) made.add(id);
  };

  project.write(FIRST);
  for (const moment of creation) await run(APPLY, moment);
  await project.terraform.apply();
  await expectDone(5);
  expect(leftovers(project.grid).contracts).toEqual(expect.arrayContaining([...made]));

  project.write(SECOND);
  for (const moment of change) await run(APPLY, moment);
  await project.terraform.apply();
  await expectDone(6);
  expect(leftovers(project.grid).contracts).toEqual(expect.arrayContaining([...made]));

  const moment: Moment = { what: "extrinsics", more: 1 };
  await interrupted(project, ["destroy", "-auto-approve"], { moment, blow });
  await project.terraform.destroy();
  await project.grid.control("dev.awaitNodes");
  expect(leftovers(project.grid)).toEqual(NOTHING);
});
