/** Choices of nodes under real Terraform: what stands is known, kept apart from, not counted twice, and found again. */
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { type Block, machine, type Resources } from "../support/grid-stack";

let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterEach(async () => {
  await project.terraform.destroy();
  expect(leftovers(project.grid)).toEqual(NOTHING);
  project.terraform.reset();
});
afterAll(() => project?.close());

type Requests = Readonly<Record<string, Block>>;

/** A machine for every request, on the node that is chosen for it. */
function placed(
  requests: Requests,
  change: { readonly project?: Block; readonly machine?: Block; readonly more?: Resources } = {},
) {
  const chosen = (key: string) => `\${threefold_placement.here.nodes["${key}"].node_id}`;
  const machines = Object.entries(requests).map(([name, { memory_mib }]) => [
    name,
    { ...machine(0), name, node_id: chosen(name), memory_mib, ...change.machine },
  ]);
  const of = "data.threefold_candidates.here";
  return {
    data: { threefold_candidates: { here: { requests, project: "shop" } } },
    resource: {
      threefold_project: { main: { name: "shop", ...change.project } },
      threefold_placement: { here: { requests, proposals: `\${${of}.proposals}`, findings: `\${${of}.findings}` } },
      threefold_virtual_machine: Object.fromEntries(machines),
      ...change.more,
    },
  };
}

const nodeOf = async (name: string) =>
  (await project.terraform.attributes(`threefold_virtual_machine.${name}`))?.node_id;

/** Applies, and holds the next plan to be empty. */
async function settle(config: ReturnType<typeof placed>): Promise<void> {
  project.write(config);
  await project.terraform.apply();
  expect((await project.terraform.plan()).changes).toEqual([]);
}

const actionsOf = async (config: ReturnType<typeof placed>) => {
  project.write(config);
  const { changes } = await project.terraform.plan();
  return Object.fromEntries(changes.map(({ address, actions }) => [address.replace("threefold_", ""), actions.join()]));
};

const GIB = 1024;

test("a request that joins a spread gets a node of its own", async () => {
  const apart = { memory_mib: 4 * GIB, spread: "s", country: "Belgium" };
  await settle(placed({ b: apart }));
  const before = await nodeOf("b");
  await settle(placed({ a: apart, b: apart }));
  expect(await nodeOf("b")).toBe(before);
  expect(await nodeOf("a")).not.toBe(before);
});

test("room that a machine of this state takes is not taken from another a second time", async () => {
  const onThree = { memory_mib: 6 * GIB, node_id: 3 };
  await settle(placed({ a: onThree }));
  project.write(placed({ a: onThree, b: onThree }));
  expect((await project.terraform.plan()).diagnostics).toEqual([]);
  await settle(placed({ a: onThree, b: onThree }));
  expect([await nodeOf("a"), await nodeOf("b")]).toEqual([3, 3]);
});

test("a node asked for by number is tried although it looks full, after a warning that names it", async () => {
  const big = { memory_mib: 9 * GIB, node_id: 3 };
  await settle(placed({ a: big }));
  project.write(placed({ a: big, b: big }));
  const { diagnostics } = await project.terraform.plan();
  expect(diagnostics).toEqual([
    expect.objectContaining({
      severity: "warning",
      summary: 'Node 3 may refuse "b"',
      detail: expect.stringMatching(/^The finding is: node 3 has too little free memory, .* knows\. The node itself/),
    }),
  ]);
  expect(JSON.stringify((await project.terraform.fail("apply")).diagnostics)).toContain("TFG_NODE_REFUSED");
  expect(await nodeOf("a")).toBe(3);
});

/** Fills most of node 1 out of another state, and gives the way back. */
async function crowd(): Promise<() => Promise<unknown>> {
  const big = { ...machine(1), project: "${threefold_project.other}", name: "big", cpu: 8, memory_mib: 200 * GIB };
  const other = { resource: { threefold_project: { other: { name: "other" } }, threefold_virtual_machine: { big } } };
  const state = "-state=other.tfstate";
  project.write(other);
  await project.terraform.succeed("apply", state);
  return async () => {
    project.write(other);
    await project.terraform.succeed("destroy", state);
  };
}

test("after a lost state everything is taken over where it is, however full the place has become", async () => {
  const wanted = { web: { memory_mib: 20 * GIB, country: "Belgium" }, db: { memory_mib: 9 * GIB, node_id: 3 } };
  await settle(placed(wanted));
  expect(await nodeOf("web")).toBe(1);
  const before = leftovers(project.grid).contracts;
  const makeRoom = await crowd();
  project.terraform.reset();
  project.write(placed(wanted));
  const { diagnostics } = await project.terraform.fail("apply");
  const [, lineage] = /adopt = "([^"]+)"/.exec(diagnostics.map(({ detail }) => detail).join()) ?? [];
  await settle(placed(wanted, { project: { adopt: lineage } }));
  await makeRoom();
  expect(leftovers(project.grid).contracts).toEqual(before);
  project.write(placed(wanted, { project: { adopt: lineage } }));
});

test("one value that is not known yet moves nobody else", async () => {
  const a = { memory_mib: 512, country: "Belgium" };
  await settle(placed({ a }));
  const later = { terraform_data: { later: { input: 1024 } } };
  const next = placed({ a, b: { memory_mib: "${terraform_data.later.output}" } }, { more: later });
  expect(await actionsOf(next)).toEqual({
    "data.candidates.here": "read",
    "terraform_data.later": "create",
    "placement.here": "update",
    "virtual_machine.b": "create",
  });
  await settle(next);
});

test("a machine keeps its node while its size is not known yet", async () => {
  await settle(placed({ a: { memory_mib: 512 } }));
  const before = await nodeOf("a");
  const later = { terraform_data: { later: { input: 1024 } } };
  const next = placed({ a: { memory_mib: "${terraform_data.later.output}" } }, { more: later });
  expect(await actionsOf(next)).toMatchObject({ "virtual_machine.a": "update" });
  await settle(next);
  expect(await nodeOf("a")).toBe(before);
});

test("a machine that outgrows its node moves in the plan, and stays when there is nowhere to go", async () => {
  const inAfrica = (gib: number) => placed({ a: { memory_mib: gib * GIB, region: "Africa", features: ["zmachine"] } });
  await settle(placed({ a: { memory_mib: 4 * GIB, node_id: 10 } }));
  await settle(inAfrica(5));
  expect(await nodeOf("a")).toBe(10);
  expect(await actionsOf(inAfrica(50))).toEqual({ "placement.here": "update", "virtual_machine.a": "delete,create" });
  await settle(inAfrica(50));
  expect(await nodeOf("a")).toBe(9);
  project.write(inAfrica(100));
  const { diagnostics } = await project.terraform.fail("apply");
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([
    expect.objectContaining({
      summary: 'No node fits "a".',
      detail: expect.stringMatching(
        /^ {2}a {2}of 3 nodes none fits: 2 have less than 100 GiB of memory for machines; .*\[TFG_NO_CANDIDATE\]$/s,
      ),
    }),
  ]);
  expect((await project.terraform.attributes("threefold_virtual_machine.a"))?.status).toBe("ok");
  project.write(inAfrica(50));
});

test("an account that is of no use is an error in its own words, and a directory that is down is none", async () => {
  project.write(placed({ a: { memory_mib: 512 } }));
  const mnemonic = project.env.THREEFOLD_MNEMONIC;
  project.env.THREEFOLD_MNEMONIC = "//Charlie";
  const { diagnostics } = await project.terraform.fail("plan");
  project.env.THREEFOLD_MNEMONIC = mnemonic;
  expect(diagnostics.filter(({ address }) => address?.startsWith("data."))).toEqual([
    expect.objectContaining({ severity: "error", detail: expect.stringContaining("[TFG_NO_TWIN]") }),
  ]);
  expect(JSON.stringify(diagnostics)).not.toContain("No node");
  await project.grid.control("dev.setDown", "directory");
  const plan = await project.terraform.plan();
  await project.grid.control("dev.setDown", "directory", false);
  expect(plan.diagnostics.map(({ severity, summary }) => `${severity}: ${summary}`).sort()).toEqual([
    'warning: No node fits "a"',
    'warning: No nodes can be proposed for "a"',
  ]);
});
