/** What runs is worth more than what was to come: faults at the worst moments must not end it, and nothing is left unnamed. */
import { workloadModels } from "../../lib/model/workloads/registry";
import { fastClock } from "../support/fast-clock";
import { type GridProject, leftovers, startGridProject } from "../support/grid-project";
import { type Block, joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";
import type { TerraformResult } from "../support/terraform";

const WEB = "threefold_virtual_machine.web";
const MESH = "threefold_network.mesh";
const DISK = { disks: [{ size_gib: 2, mount_point: "/data" }] };
let project: GridProject;

beforeEach(async () => {
  project = await startGridProject({ clock: fastClock(10) });
});
afterEach(async () => {
  delete process.env.WEB_TOKEN;
  await project.close();
});

const node = (nodeId: number) => {
  const found = project.grid.nodes.get(nodeId);
  if (!found) throw new Error(`no node ${nodeId}`);
  return found;
};
const web = (change: Block = {}, nodeId = 1) =>
  stack(PROJECT, { threefold_virtual_machine: { web: machine(nodeId, { ...DISK, ...change }) } });
const textOf = ({ diagnostics }: TerraformResult) =>
  diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
const contractOf = async (address: string) => (await project.terraform.attributes(address))?.contract_id;
const actions = async () => (await project.terraform.plan()).changes.map((change) => change.actions.join());
const statesOn = (nodeId: number) =>
  node(nodeId)
    .snapshot()
    .deployments.flatMap(({ changes }) => [...new Map(changes.map((each) => [each.name, each.result.state])).values()]);

describe("a replacement that cannot be made", () => {
  test.each<[string, Block, number, RegExp]>([
    ["its node does not exist", {}, 999, /cannot be made anew: There is no node 999/],
    ["its node has too little memory", { memory_mib: 200 * 1024 }, 3, /no room for virtual machine web[\s\S]*200 GiB/],
    ["its node has to be rented first", {}, 11, /Node 11 cannot take virtual machine web/],
  ])("leaves what runs alone when %s", async (_, change, nodeId, says) => {
    project.write(web());
    await project.terraform.apply();
    const contract = await contractOf(WEB);
    project.write(web(change, nodeId));
    const said = textOf(await project.terraform.fail("apply"));
    expect(said).toMatch(says);
    expect(said).toContain(`Nothing was changed: it goes on running under contract ${contract}, which bills.`);
    project.write(web());
    expect(await actions()).toEqual([]);
    expect(await contractOf(WEB)).toBe(contract);
  });

  test("leaves what runs alone when its node is down", async () => {
    project.write(web());
    await project.terraform.apply();
    const contract = await contractOf(WEB);
    node(2).setOnline(false);
    project.write(web({}, 2));
    expect(textOf(await project.terraform.fail("apply"))).toContain("Node 2 does not answer");
    node(2).setOnline(true);
    expect(await contractOf(WEB)).toBe(contract);
  });

  test("leaves what runs alone when the farm has no public IPv4 left", async () => {
    const { chain } = project.grid;
    project.write(web());
    await project.terraform.apply();
    const contract = await contractOf(WEB);
    const hog = { public_ipv4: true, cpu: 1 };
    const free = chain.getFarm(1)?.publicIps.filter(({ contractId }) => contractId === 0).length ?? 0;
    const hogs = Object.fromEntries(
      Array.from({ length: free }, (_, index) => [`hog${index}`, machine(4, { ...hog, name: `hog${index}` })]),
    );
    project.write(stack(PROJECT, { threefold_virtual_machine: { web: machine(1, DISK), ...hogs } }));
    await project.terraform.apply();
    const wish = { web: machine(1, { ...DISK, public_ipv4: true }), ...hogs };
    project.write(stack(PROJECT, { threefold_virtual_machine: wish }));
    expect(textOf(await project.terraform.fail("apply"))).toContain("Farm 1 of node 1 has no public IPv4 left");
    expect(await contractOf(WEB)).toBe(contract);
  });

  test("leaves what runs alone when a secret of its successor is not there", async () => {
    process.env.WEB_TOKEN = "s3cret";
    project.write(web({ secret_env: { TOKEN: "env:WEB_TOKEN" } }));
    await project.terraform.apply();
    const contract = await contractOf(WEB);
    delete process.env.WEB_TOKEN;
    project.write(web({ secret_env: { TOKEN: "env:WEB_TOKEN" } }, 2));
    const said = textOf(await project.terraform.fail("apply"));
    expect(said).toContain("The secret for secret_env.TOKEN in environment variable WEB_TOKEN cannot be read");
    expect(await contractOf(WEB)).toBe(contract);
  });
});

describe("a rebuild that cannot work", () => {
  test("is refused before the machine is taken down when its node lacks the room", async () => {
    project.write(web({ memory_mib: 2048 }, 3));
    await project.terraform.apply();
    project.write(web({ memory_mib: 64 * 1024 }, 3));
    const said = textOf(await project.terraform.fail("apply"));
    expect(said).toMatch(/Node 3 has no room[\s\S]*64 GiB wanted, [\d.]+ GiB there[\s\S]*goes on running as it was/);
    expect(new Set(statesOn(3))).toEqual(new Set(["ok"]));
  });

  test("brings the machine back as it was when its node refuses the new one after all", async () => {
    project.write(web({ cpu: 1 }));
    await project.terraform.apply();
    const before = await project.terraform.attributes(WEB);
    node(1).failNext({ workloadType: "zmachine", message: "no kernel found" });
    project.write(web({ cpu: 2 }));
    const said = textOf(await project.terraform.fail("apply"));
    expect(said).toMatch(/no kernel found[\s\S]*It runs again as it was before, on a new root filesystem/);
    expect(new Set(statesOn(1))).toEqual(new Set(["ok"]));
    project.write(web({ cpu: 1 }));
    await project.terraform.apply();
    expect(await project.terraform.attributes(WEB)).toMatchObject({ contract_id: before?.contract_id, cpu: 1 });
    expect(await actions()).toEqual([]);
  });

  test("is not taken for what was wanted when the node does not bring the former machine back either", async () => {
    project.write(web({ cpu: 1 }));
    await project.terraform.apply();
    for (const message of ["no kernel found", "no memory"]) node(1).failNext({ workloadType: "zmachine", message });
    project.write(web({ cpu: 2 }));
    expect(textOf(await project.terraform.fail("apply"))).toContain("no kernel found");
    const contractId = Number(await contractOf(WEB));
    const onChain = project.grid.chain.listContracts().find((contract) => contract.contractId === contractId);
    const state = await project.terraform.attributes(WEB);
    expect(onChain).not.toMatchObject({ deploymentHash: state?.deployment_hash });
    project.write(web({ cpu: 1 }));
    expect(await actions()).toEqual(["update"]);
    await project.terraform.apply();
    expect(await project.terraform.attributes(WEB)).toMatchObject({ contract_id: String(contractId), status: "ok" });
  });
});

describe("something taken over from a lost state", () => {
  test("is kept, and finished by the next apply, when its change fails", async () => {
    project.write(web());
    await project.terraform.apply();
    const contract = await contractOf(WEB);
    await project.terraform.succeed("state", "rm", WEB);
    project.write(web({ cpu: 2 }));
    node(1).failNext({ command: "zos.deployment.update", message: "busy now" });
    const said = textOf(await project.terraform.apply());
    expect(said).toContain(`took over contract ${contract}`);
    expect(said).toMatch(/was taken over, and is not yet as configured[\s\S]*busy now/);
    expect(await actions()).toEqual(["update"]);
    await project.terraform.apply("saved.tfplan");
    expect(await project.terraform.attributes(WEB)).toMatchObject({ contract_id: contract, cpu: 2, status: "ok" });
  });

  test("keeps its members when the mesh they belong to cannot be completed", async () => {
    const both = stack(PROJECT, {
      threefold_network: { mesh: mesh({ web: 1, api: 2 }) },
      threefold_virtual_machine: { web: machine(1, { network: joined("web") }) },
    });
    project.write(both);
    await project.terraform.apply();
    const before = leftovers(project.grid).contracts;
    await project.terraform.succeed("state", "rm", MESH);
    node(2).failNext({ command: "zos.deployment.get", message: "busy" });
    const said = textOf(await project.terraform.apply());
    expect(said).toContain("network mesh is not finished");
    expect(leftovers(project.grid).contracts).toEqual(before);
    await project.terraform.apply();
    expect(await actions()).toEqual([]);
  });

  test("is named when it stands on another node than the one now chosen", async () => {
    project.write(web());
    await project.terraform.apply();
    const contract = await contractOf(WEB);
    await project.terraform.succeed("state", "rm", WEB);
    project.write(web({}, 2));
    const said = textOf(await project.terraform.apply());
    expect(said).toMatch(new RegExp(`another contract was made for it\\nContract ${contract} on node 1\\.`));
  });
});

test("a second resource with the same configuration does not take over the first one's contract", async () => {
  project.write(web());
  await project.terraform.apply();
  project.write(stack(PROJECT, { threefold_virtual_machine: { web: machine(1, DISK), twin: machine(1, DISK) } }));
  expect(textOf(await project.terraform.fail("apply"))).toContain('Two objects of project "shop" have the identity');
  project.write(web());
  expect(await actions()).toEqual([]);
});

test("a replacement that the user forces is no second object", async () => {
  project.write(web());
  await project.terraform.apply();
  const contract = await contractOf(WEB);
  await project.terraform.apply(`-replace=${WEB}`);
  expect(await contractOf(WEB)).not.toBe(contract);
});

test("a dropped block costs nobody their contract", async () => {
  project.grid.chain.failNext("retract");
  const stores = Object.fromEntries(["a", "b", "c"].map((name) => [name, zdb(1, { name })]));
  project.write(stack(PROJECT, { threefold_zdb: stores }));
  await project.terraform.run("apply");
  await project.terraform.apply();
  const resources = await project.terraform.resources();
  const inState = resources.flatMap(({ values }) => (values.contract_id ? [Number(values.contract_id)] : []));
  expect(leftovers(project.grid).contracts).toEqual(inState.sort((a, b) => a - b));
  expect(await actions()).toEqual([]);
});

test("a node's answer that cannot be read does not lose the contract", async () => {
  const read = jest.spyOn(workloadModels.zdb, "readResult").mockImplementation(() => {
    throw new Error("an odd result");
  });
  project.write(stack(PROJECT, { threefold_zdb: { db: zdb(1) } }));
  const said = textOf(await project.terraform.apply());
  read.mockRestore();
  expect(said).toMatch(/zdb db runs, and its node's answer cannot be read[\s\S]*an odd result/);
  await project.terraform.apply();
  expect(await project.terraform.attributes("threefold_zdb.db")).toMatchObject({ status: "ok", port: 9900 });
});

test("a contract that its node never saw is made once more", async () => {
  node(1).failNext({ workloadType: "zmachine", message: "failed to get deployment contract: object not found" });
  project.write(web());
  await project.terraform.apply();
  expect(leftovers(project.grid).contracts).toHaveLength(1);
  expect(await project.terraform.attributes(WEB)).toMatchObject({ status: "ok" });
});

describe("an import", () => {
  test.each([
    ["zdb", "threefold_zdb.db", stack(PROJECT, { threefold_zdb: { db: zdb(1) } })],
    ["mesh", MESH, stack(PROJECT, { threefold_network: { mesh: mesh({}, { nodes: [1, 2] }) } })],
  ])(
    "of a %s into a project that is still to be made is refused where it would have replaced it",
    async (_, to, config) => {
      project.write(config);
      await project.terraform.apply();
      const [id] = leftovers(project.grid).contracts;
      const lineage = (await project.terraform.attributes("threefold_project.main"))?.id;
      project.terraform.reset();
      project.write({ ...config, import: [{ to, id: String(id) }] });
      const said = textOf(await project.terraform.fail("apply"));
      expect(said).toContain("belongs to another project than the one it is configured for");
      expect(said).toContain(`set adopt = "${lineage}"`);
      const { resource } = config;
      const adopting = { ...resource, threefold_project: { main: { name: "shop", adopt: String(lineage) } } };
      project.write({ resource: adopting, import: [{ to, id: String(id) }] });
      const before = leftovers(project.grid);
      await project.terraform.apply();
      expect(leftovers(project.grid)).toEqual(before);
      expect(await actions()).toEqual([]);
    },
  );
});

test("a lineage that was mistyped in adopt makes nothing beside what lives", async () => {
  project.write(web());
  await project.terraform.apply();
  const before = leftovers(project.grid);
  const lineage = (await project.terraform.attributes("threefold_project.main"))?.id;
  project.terraform.reset();
  const { resource } = web();
  project.write({
    resource: { ...resource, threefold_project: { main: { name: "shop", adopt: `shop.${"0".repeat(16)}` } } },
  });
  const said = textOf(await project.terraform.fail("apply"));
  expect(said).toMatch(new RegExp(`${lineage} +contracts ${before.contracts[0]}`));
  expect(leftovers(project.grid)).toEqual(before);
});

test("a password of another project is that project's, not one's own", async () => {
  project.write(stack(PROJECT, { threefold_zdb: { db: zdb(1) } }));
  await project.terraform.apply();
  const reference = (await project.terraform.attributes("threefold_zdb.db"))?.password;
  expect(reference).toBe("derive:zdb-password/db/1@shop");
  const secret = (nodeId: number, type: string) =>
    node(nodeId)
      .snapshot()
      .deployments.flatMap(({ changes }) => changes)
      .find((each) => each.type === type)?.data as { password?: string; env?: Record<string, string> };
  const password = secret(1, "zdb").password;
  project.terraform.reset();
  project.write({
    resource: {
      threefold_project: { main: { name: "app" } },
      threefold_virtual_machine: { web: machine(2, { secret_env: { DB: String(reference) } }) },
    },
  });
  await project.terraform.apply();
  expect(secret(2, "zmachine").env?.DB).toBe(password);
});

test("storage that its node has in error is left alone until its loss is allowed or visible", async () => {
  const DB = "threefold_zdb.db";
  const db = (change: Block = {}) => stack(PROJECT, { threefold_zdb: { db: zdb(1, change) } });
  project.write(db());
  await project.terraform.apply();
  node(1).failNext({ workloadType: "zdb", message: "hdd offline" });
  await project.grid.control("dev.rebootNode", 1);
  await project.grid.control("dev.awaitNodes");
  const { changes, diagnostics } = await project.terraform.plan();
  expect(changes).toEqual([]);
  expect(diagnostics.map(({ summary }) => summary).join()).toContain("cannot be repaired without losing what is on it");
  project.write(db({ public: true }));
  expect(await actions()).toEqual(["delete,create"]);
  project.write(db({ public: true, allow_data_loss: true }));
  expect(await actions()).toEqual(["update"]);
  await project.terraform.apply("saved.tfplan");
  expect(await project.terraform.attributes(DB)).toMatchObject({ status: "ok", public: true });
});

test("a size that turns out smaller than it was is refused in our own words", async () => {
  const db = (input: number) => ({
    resource: {
      ...stack(PROJECT, { threefold_zdb: { db: zdb(1, { size_gib: "${terraform_data.size.output}" }) } }).resource,
      terraform_data: { size: { input } },
    },
  });
  project.write(db(4));
  await project.terraform.apply();
  project.write(db(2));
  expect(textOf(await project.terraform.fail("apply"))).toMatch(/would lose the data of[\s\S]*TFG_DATA_LOSS/);
  project.write(db(6));
  await project.terraform.apply();
  expect(await project.terraform.attributes("threefold_zdb.db")).toMatchObject({ size_gib: 6 });
});

test("a secret that changes between plan and apply is no broken promise", async () => {
  process.env.WEB_TOKEN = "one";
  project.write(web({ secret_env: { TOKEN: "env:WEB_TOKEN" } }));
  await project.terraform.plan();
  process.env.WEB_TOKEN = "two";
  await project.terraform.apply("saved.tfplan");
  expect(await actions()).toEqual([]);
});
