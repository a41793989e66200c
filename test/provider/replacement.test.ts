import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { type Block, joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";

const NODE = 1;
const OTHER = 2;
const WEB = "threefold_virtual_machine.web";
const DB = "threefold_zdb.db";
const KEEP = { lifecycle: { create_before_destroy: true } };
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

const DISK = { disks: [{ size_gib: 2, mount_point: "/data" }] };

const only = (web: Block) => stack(PROJECT, { threefold_virtual_machine: { web } });

async function contractOf(address: string): Promise<number> {
  return Number((await project.terraform.attributes(address))?.contract_id);
}

/** The machine runs, alone on the whole grid, and nothing is left to do. */
async function expectOnlyMachine(nodeId: number): Promise<void> {
  const contractId = await contractOf(WEB);
  expect(await project.terraform.attributes(WEB)).toMatchObject({ status: "ok", node_id: nodeId });
  await project.grid.control("dev.awaitNodes");
  expect(leftovers(project.grid)).toEqual({ contracts: [contractId], deployments: [`${nodeId}/${contractId}`] });
  expect((await project.terraform.plan()).changes).toEqual([]);
}

describe("a machine is replaced", () => {
  test("when its node changes", async () => {
    project.write(only(machine(NODE, DISK)));
    await project.terraform.apply();
    const before = await contractOf(WEB);
    project.write(only(machine(OTHER, DISK)));
    const { changes } = await project.terraform.plan();
    expect(changes[0]).toMatchObject({ actions: ["delete", "create"], replacePaths: [["node_id"]] });
    await project.terraform.apply("saved.tfplan");
    expect(await contractOf(WEB)).not.toBe(before);
    await expectOnlyMachine(OTHER);
  });

  test("with the new one made before the old one goes", async () => {
    const before = await contractOf(WEB);
    project.write(only(machine(NODE, { ...DISK, ...KEEP })));
    const { changes } = await project.terraform.plan();
    expect(changes[0]?.actions).toEqual(["create", "delete"]);
    await project.terraform.apply("saved.tfplan");
    expect(await contractOf(WEB)).toBeGreaterThan(before);
    await expectOnlyMachine(NODE);
  });

  test("on its own node before the old one goes: the contract is handed on, and lives", async () => {
    const before = await contractOf(WEB);
    await project.terraform.apply(`-replace=${WEB}`);
    expect(await contractOf(WEB)).toBe(before);
    await expectOnlyMachine(NODE);
  });

  test("not at all when that would lose a disk on the way: nothing is touched", async () => {
    const before = await contractOf(WEB);
    project.write(only(machine(NODE, { disks: [{ size_gib: 1, mount_point: "/data" }], ...KEEP })));
    const { extrinsics } = project.grid.stats().chain;
    const { diagnostics } = await project.terraform.fail("apply");
    expect(JSON.stringify(diagnostics)).toContain("TFG_DATA_LOSS");
    expect(project.grid.stats().chain.extrinsics).toBe(extrinsics);
    project.write(only(machine(NODE, { ...DISK, ...KEEP })));
    expect(await contractOf(WEB)).toBe(before);
    await expectOnlyMachine(NODE);
  });

  test("when it is tainted", async () => {
    project.write(only(machine(NODE, DISK)));
    await project.terraform.succeed("taint", WEB);
    const before = await contractOf(WEB);
    const { changes } = await project.terraform.plan();
    expect(changes[0]?.actions).toEqual(["delete", "create"]);
    await project.terraform.apply("saved.tfplan");
    expect(await contractOf(WEB)).toBeGreaterThan(before);
    await expectOnlyMachine(NODE);
  });
});

test("a second object with the identity of one that stands is refused before anything is touched", async () => {
  const { extrinsics } = project.grid.stats().chain;
  project.write(
    stack(PROJECT, {
      threefold_virtual_machine: {
        web: machine(NODE, DISK),
        twin: machine(NODE, { ...DISK, name: "twin", identity: "web" }),
      },
    }),
  );
  const { diagnostics } = await project.terraform.fail("apply");
  expect(JSON.stringify(diagnostics)).toContain("TFG_DUPLICATE_IDENTITY");
  expect(project.grid.stats().chain.extrinsics).toBe(extrinsics);
});

test("a machine that is given the address of another one is refused before anything is touched", async () => {
  const inMesh = (machines: Readonly<Record<string, Block>>) =>
    stack(PROJECT, {
      threefold_network: { mesh: mesh({ web: NODE, api: NODE }) },
      threefold_virtual_machine: machines,
    });
  project.write(inMesh({ web: machine(NODE, { network: joined("web") }) }));
  await project.terraform.apply();
  const web = await project.terraform.attributes(WEB);
  await project.terraform.succeed("state", "rm", WEB);
  const { extrinsics } = project.grid.stats().chain;
  project.write(inMesh({ api: machine(NODE, { name: "api", network: { ...joined("api"), ip: web?.ip } }) }));
  const { diagnostics } = await project.terraform.fail("apply");
  const said = diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
  for (const text of ["TFG_ADDRESS_TAKEN", String(web?.ip), "virtual machine api", "Nothing was started"]) {
    expect(said).toContain(text);
  }
  expect(project.grid.stats().chain.extrinsics).toBe(extrinsics);
  project.write(inMesh({ web: machine(NODE, { network: joined("web") }) }));
  await project.terraform.succeed("import", "-no-color", WEB, String(web?.contract_id));
});

test("a mesh is imported with its hosts, and the plan after it is empty", async () => {
  project.write(
    stack(PROJECT, {
      threefold_network: { mesh: mesh({ web: NODE, zeta: NODE, api: OTHER }, { nodes: [4] }) },
      threefold_virtual_machine: {
        web: machine(NODE, { network: joined("web") }),
        zeta: machine(NODE, { name: "zeta", network: joined("zeta") }),
        api: machine(OTHER, { name: "api", network: joined("api") }),
      },
      threefold_zdb: { db: zdb(OTHER) },
    }),
  );
  await project.terraform.apply();
  const before = await project.terraform.attributes("threefold_network.mesh");
  const members = Object.values(before?.members as Record<string, { contract_id: string }>);
  for (const { contract_id: id } of members) {
    await project.terraform.succeed("state", "rm", "threefold_network.mesh");
    await project.terraform.succeed("import", "-no-color", "threefold_network.mesh", id);
    expect((await project.terraform.plan()).changes).toEqual([]);
  }
  expect(await project.terraform.attributes("threefold_network.mesh")).toMatchObject({
    addresses: before?.addresses,
    subnets: before?.subnets,
  });
});

test("what is no object of that kind is not imported", async () => {
  const db = await contractOf(DB);
  await project.terraform.succeed("state", "rm", WEB);
  for (const id of [String(db), "999999", "web"]) {
    const { stdout, stderr } = await project.terraform.fail("import", "-no-color", WEB, id);
    expect(`${stdout}${stderr}`).toContain("TFG_IMPORT");
  }
});

test("nothing is left in the end", async () => {
  project.write(stack(PROJECT));
  await project.terraform.apply();
  const [left] = leftovers(project.grid).contracts;
  expect(leftovers(project.grid).contracts).toEqual([left]);
  project.write(only(machine(NODE, { network: undefined })));
  await project.terraform.succeed("import", "-no-color", WEB, String(left));
  await project.terraform.destroy();
  expect(leftovers(project.grid)).toEqual(NOTHING);
});
