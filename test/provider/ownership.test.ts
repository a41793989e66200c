import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";

const NODE = 1;
let home: GridProject;
let elsewhere: GridProject;

beforeAll(async () => {
  [home, elsewhere] = await Promise.all([startGridProject(), startGridProject()]);
});
afterAll(async () => {
  await home?.close();
  await elsewhere?.close();
});

const STACK = stack(PROJECT, {
  threefold_network: { mesh: mesh({ web: NODE, api: 2 }) },
  threefold_virtual_machine: { web: machine(NODE, { network: joined("web") }) },
  threefold_zdb: { db: zdb(NODE) },
});

/** Contract ids by resource address. */
async function contracts(project = home): Promise<Record<string, unknown>> {
  const resources = await project.terraform.resources();
  const ids = resources.flatMap(({ address, values }) => {
    const members = Object.entries((values.members ?? {}) as Record<string, { contract_id: string }>);
    if (members.length > 0) return members.map(([id, member]) => [`${address} ${id}`, member.contract_id]);
    return values.contract_id ? [[address, values.contract_id]] : [];
  });
  return Object.fromEntries(ids);
}

/** Everything in state, and nothing but that, is on the grid. */
async function expectStateIsGrid(project = home): Promise<void> {
  const inState = Object.values(await contracts(project)).map(Number);
  const { contracts: onGrid, deployments } = leftovers(project.grid);
  expect(onGrid).toEqual(inState.sort((a, b) => a - b));
  expect(deployments.map((each) => Number(each.split("/")[1])).sort((a, b) => a - b)).toEqual(onGrid);
}

function takeState(from: GridProject, to: GridProject): void {
  copyFileSync(join(from.terraform.dir, "terraform.tfstate"), join(to.terraform.dir, "terraform.tfstate"));
}

describe("what belongs to a state", () => {
  let made: Record<string, unknown>;

  beforeAll(async () => {
    home.write(STACK);
    await home.terraform.apply();
    made = await contracts();
  });

  test("is all there is on the grid, and a second apply sends nothing", async () => {
    await expectStateIsGrid();
    const before = home.grid.stats();
    await home.terraform.apply();
    const after = home.grid.stats();
    expect(after.chain.extrinsics).toBe(before.chain.extrinsics);
    const writes = (stats: typeof before) => Object.values(stats.nodes).reduce((sum, node) => sum + node.writes, 0);
    expect(writes(after)).toBe(writes(before));
  });

  test.each(["plan", "apply", "destroy"])("is refused to %s on another network", async (command) => {
    takeState(home, elsewhere);
    elsewhere.write(STACK);
    const { diagnostics } = await elsewhere.terraform.fail(command);
    const said = diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
    expect(said).toContain(`This state belongs to twin 1 on ${home.grid.describe().chain}`);
    expect(said).toContain("TFG_OTHER_ACCOUNT");
    expect(elsewhere.grid.stats().chain.extrinsics).toBe(0);
  });

  test("is not taken for gone on another network even when nothing is refreshed", async () => {
    takeState(home, elsewhere);
    elsewhere.write(STACK);
    const { diagnostics } = await elsewhere.terraform.fail("destroy", "-refresh=false");
    expect(JSON.stringify(diagnostics)).toContain("TFG_OTHER_ACCOUNT");
    expect(await contracts(elsewhere)).toEqual(made);
    elsewhere.terraform.reset();
  });

  test("is refused to another account of the same network", async () => {
    const mnemonic = home.env.THREEFOLD_MNEMONIC;
    home.env.THREEFOLD_MNEMONIC = "//Alice";
    const { extrinsics } = home.grid.stats().chain;
    const { diagnostics } = await home.terraform.fail("apply");
    home.env.THREEFOLD_MNEMONIC = mnemonic;
    expect(JSON.stringify(diagnostics)).toContain("This state belongs to twin 1");
    expect(JSON.stringify(diagnostics)).toContain("twin 3");
    expect(home.grid.stats().chain.extrinsics).toBe(extrinsics);
  });

  test("is refused under another key secret: no key changes silently", async () => {
    home.env.THREEFOLD_KEY_SECRET = "f".repeat(64);
    const { extrinsics } = home.grid.stats().chain;
    const { diagnostics } = await home.terraform.fail("apply");
    home.env.THREEFOLD_KEY_SECRET = undefined;
    expect(JSON.stringify(diagnostics)).toContain("TFG_OTHER_SECRET");
    expect(home.grid.stats().chain.extrinsics).toBe(extrinsics);
  });

  test("survives that its resource is renamed in the configuration", async () => {
    const { web, db } = { web: STACK.resource.threefold_virtual_machine?.web, db: STACK.resource.threefold_zdb?.db };
    home.write({
      resource: { ...STACK.resource, threefold_virtual_machine: { front: web }, threefold_zdb: { store: db } },
    });
    await home.terraform.apply();
    await expectStateIsGrid();
    expect((await home.terraform.plan()).changes).toEqual([]);
    home.write(STACK);
    await home.terraform.apply();
    await expectStateIsGrid();
    made = await contracts();
  });

  test("is kept from a second state with the same project, which is told the way to take over", async () => {
    home.terraform.reset();
    const { extrinsics } = home.grid.stats().chain;
    const { diagnostics } = await home.terraform.fail("apply");
    const said = diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
    const adopt = /adopt = "(shop\.[0-9a-f]{16})"/.exec(said)?.[1];
    expect(said).toContain("TFG_PROJECT_TAKEN");
    expect(home.grid.stats().chain.extrinsics).toBe(extrinsics);

    home.write({ resource: { ...STACK.resource, threefold_project: { main: { name: "shop", adopt } } } });
    await home.terraform.apply();
    expect(await contracts()).toEqual(made);
    await expectStateIsGrid();
    expect((await home.terraform.plan()).changes).toEqual([]);
  });

  test("is destroyed to the last", async () => {
    await home.terraform.destroy();
    expect(leftovers(home.grid)).toEqual(NOTHING);
  });
});

test("what was made on an earlier devgrid counts as gone, with a warning", async () => {
  const toy = stack({ threefold_project: { main: { name: "toy" } } }, { threefold_zdb: { db: zdb(NODE) } });
  const onDevgrid = ({ provider }: GridProject) => ({
    ...toy,
    provider: { threefold: { ...provider, network: "devgrid" } },
  });
  elsewhere.terraform.write(onDevgrid(elsewhere));
  await elsewhere.terraform.apply();
  takeState(elsewhere, home);
  home.terraform.write(onDevgrid(home));
  const { diagnostics } = await home.terraform.apply();
  expect(diagnostics.map(({ summary }) => summary)).toEqual(
    expect.arrayContaining(["project toy is gone", "zdb db is gone"]),
  );
  await expectStateIsGrid();
  await home.terraform.destroy();
  expect(leftovers(home.grid)).toEqual(NOTHING);
});
