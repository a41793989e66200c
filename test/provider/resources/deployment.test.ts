import { parseWorkload } from "../../../lib/model/deployment";
import type { AnyWorkload } from "../../../lib/model/workloads/workload";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";
import { type Block, deployment, FLIST, PROJECT, stack } from "../../support/grid-stack";

const NODE = 1;
const GIB = 1024 ** 3;
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
  Object.assign(process.env, {
    RAW_PASSWORD: "hunter2-hunter2",
    RAW_KEY: "9GvJZ0kGmbIRcZ4MC1cRtwzJ7uYXBy0zC3Q3Qk0VYXM=",
  });
});
afterAll(async () => {
  for (const name of ["RAW_PASSWORD", "RAW_KEY"]) delete process.env[name];
  await project?.close();
});

const zdb = (data: object = {}) => ({
  name: "db",
  type: "zdb",
  data: { size: 5 * GIB, mode: "user", password: { $secret: "env:RAW_PASSWORD" }, ...data },
});
const volume = (gib: number) => ({ name: "data", type: "volume", data: { size: gib * GIB } });

const raw = (workloads: unknown, change: Block = {}) =>
  stack(PROJECT, { threefold_deployment: { raw: deployment(NODE, workloads, change) } });

const state = async () => (await project.terraform.attributes("threefold_deployment.raw")) ?? {};

/** A workload as the node has it. */
function onNode(contractId: unknown, name: string): AnyWorkload {
  const record = project.grid.nodes
    .get(NODE)
    ?.snapshot()
    .deployments.find((each) => each.contractId === Number(contractId));
  const current = record?.changes.findLast((entry) => entry.name === name);
  if (!current) throw new Error(`node ${NODE} has no ${name} under contract ${contractId}`);
  return parseWorkload(current, name);
}

const actions = async () => (await project.terraform.plan()).changes.map((change) => change.actions.join());

/** Writes, plans, applies what was planned, and finds that nothing is left to do. */
async function change(config: ReturnType<typeof raw>): Promise<string[]> {
  project.write(config);
  const planned = await actions();
  await project.terraform.apply("saved.tfplan");
  expect(await actions()).toEqual([]);
  return planned;
}

describe("the life of a raw deployment", () => {
  let first: Record<string, unknown>;

  test("is created as it is written", async () => {
    project.write(raw([zdb(), volume(1)], { description: "for the shop" }));
    await project.terraform.apply();
    first = await state();
    expect(first).toMatchObject({ status: "ok", public_ips: 0 });
    expect(first.deployment_hash).toBe(first.content_hash);
    const results = first.results as Record<string, string>;
    expect(JSON.parse(results.db ?? "")).toMatchObject({ Namespace: `1-${first.contract_id}-db`, Port: 9900 });
    expect(Object.keys(results)).toEqual(["data", "db"]);
    expect(onNode(first.contract_id, "db").data).toMatchObject({ password: "hunter2-hunter2", size: 5 * GIB });
    expect(JSON.stringify(first)).not.toContain("hunter2");
    expect(await actions()).toEqual([]);
  });

  test("is the same however it is written", async () => {
    const other = [volume(1), { ...zdb({ public: false }), metadata: "", description: "" }];
    project.write(raw(JSON.stringify(other, null, 2), { description: "for the shop" }));
    expect(await actions()).toEqual([]);
  });

  test.each<[string, unknown[], object]>([
    ["grows", [zdb({ size: 8 * GIB }), volume(1)], { db: { size: 8 * GIB }, data: { size: GIB } }],
    ["takes a further workload", [zdb({ size: 8 * GIB }), volume(1), { ...volume(2), name: "more" }], { more: {} }],
  ])("%s in place", async (_, workloads, expected) => {
    expect(await change(raw(workloads, { description: "for the shop" }))).toEqual(["update"]);
    expect(await state()).toMatchObject({ status: "ok", contract_id: first.contract_id });
    for (const [name, data] of Object.entries(expected)) {
      expect(onNode(first.contract_id, name)).toMatchObject({ data, result: { state: "ok" } });
    }
  });

  test("notices another value behind a reference, and sends it", async () => {
    process.env.RAW_PASSWORD = "hunter3-hunter3";
    expect(await actions()).toEqual(["update"]);
    await project.terraform.apply("saved.tfplan");
    expect(await actions()).toEqual([]);
    expect(onNode(first.contract_id, "db").data).toMatchObject({ password: "hunter3-hunter3" });
  });

  test("still plans where a secret is missing, and refuses to apply a change", async () => {
    delete process.env.RAW_PASSWORD;
    project.write(raw([zdb({ size: 9 * GIB }), volume(1), { ...volume(2), name: "more" }]));
    const { diagnostics } = await project.terraform.plan();
    expect(diagnostics.map(({ summary }) => summary)).toEqual(["deployment raw: a secret is missing here"]);
    const failed = await project.terraform.fail("apply");
    expect(JSON.stringify(failed.diagnostics)).toContain("TFG_SECRET_MISSING");
    const [{ detail = "" } = {}] = diagnostics;
    expect(detail.match(/RAW_PASSWORD/g)).toHaveLength(1);
    process.env.RAW_PASSWORD = "hunter3-hunter3";
  });

  test("is replaced when data would be lost, unless that is allowed", async () => {
    const less = [zdb({ size: 8 * GIB }), volume(1)];
    project.write(raw(less));
    const { changes } = await project.terraform.plan();
    expect(changes[0]).toMatchObject({ actions: ["delete", "create"], replacePaths: [["workloads"]] });
    expect(await change(raw(less, { allow_data_loss: true }))).toEqual(["update"]);
    expect(await state()).toMatchObject({ contract_id: first.contract_id });
    expect(onNode(first.contract_id, "more").result.state).toBe("deleted");
  });

  test("is imported by its contract: what holds a secret is told by the configuration alone", async () => {
    await project.terraform.succeed("state", "rm", "threefold_deployment.raw");
    await project.terraform.succeed("import", "-no-color", "threefold_deployment.raw", String(first.contract_id));
    expect(await state()).toMatchObject({ public_ips: 0, metadata: null, description: null });
    expect(JSON.stringify(await state())).not.toContain("hunter");
    const before = project.grid.stats();
    expect(await actions()).toEqual(["update"]);
    await project.terraform.apply();
    const after = project.grid.stats();
    expect(after.nodes[NODE]?.writes).toBe(before.nodes[NODE]?.writes);
    expect(await actions()).toEqual([]);
    expect(await state()).toMatchObject({ contract_id: first.contract_id, status: "ok" });
  });

  test("is imported whole when it holds none, and the plan after it is empty", async () => {
    project.write(raw([volume(1)], { name: "plain", identity: "plain", description: "plain" }));
    const { changes } = await project.terraform.plan();
    expect(changes[0]?.actions).toEqual(["delete", "create"]);
    await project.terraform.apply("saved.tfplan");
    const { contract_id: id, deployment_hash: signed } = await state();
    expect(signed).toBe(changes[0]?.after?.content_hash);
    await project.terraform.succeed("state", "rm", "threefold_deployment.raw");
    await project.terraform.succeed("import", "-no-color", "threefold_deployment.raw", String(id));
    expect(await actions()).toEqual([]);
    expect(await state()).toMatchObject({ contract_id: id, description: "plain" });
  });

  test("leaves nothing behind when it is destroyed", async () => {
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});

describe("a raw machine", () => {
  const ip = (name: string) => ({ name, type: "ip", data: { v4: true } });
  const network = {
    name: "rawnet",
    type: "network",
    metadata: '{"version":3,"user_accesses":[]}',
    data: {
      ip_range: "10.20.0.0/16",
      subnet: "10.20.2.0/24",
      wireguard_private_key: { $secret: "env:RAW_KEY" },
      wireguard_listen_port: 12345,
    },
  };
  const machine = (cpu: number) => ({
    name: "vm",
    type: "zmachine",
    data: {
      flist: FLIST,
      network: { public_ip: "pub", interfaces: [{ network: "rawnet", ip: "10.20.2.2" }] },
      compute_capacity: { cpu, memory: GIB },
      env: { SSH_KEY: { $secret: "env:RAW_PASSWORD" } },
    },
  });
  let first: Record<string, unknown>;

  test("comes up with everything that belongs to it under one contract", async () => {
    expect(await change(raw([network, ip("pub"), machine(1)]))).toEqual(["create", "create"]);
    first = await state();
    const { vm = "", pub = "" } = first.results as Record<string, string>;
    expect(first.public_ips).toBe(1);
    expect(JSON.parse(vm)).toMatchObject({ ip: "10.20.2.2" });
    expect(JSON.parse(pub).ip).toMatch(/^185\.206\.122\./);
    expect(onNode(first.contract_id, "vm").data).toMatchObject({ env: { SSH_KEY: "hunter3-hunter3" } });
  });

  test("is rebuilt in place with other cores, and the plan says so", async () => {
    project.write(raw([network, ip("pub"), machine(2)]));
    const { diagnostics } = await project.terraform.plan();
    expect(diagnostics.map(({ summary }) => summary)).toEqual(["deployment raw will be rebuilt in place"]);
    expect(await change(raw([network, ip("pub"), machine(2)]))).toEqual(["update"]);
    const after = await state();
    expect(after.contract_id).toBe(first.contract_id);
    expect((after.results as Record<string, string>).pub).toBe((first.results as Record<string, string>).pub);
  });

  test("is replaced for another number of public addresses, which its contract fixes", async () => {
    project.write(raw([network, ip("pub"), ip("pub2"), machine(2)]));
    const { changes } = await project.terraform.plan();
    expect(changes[0]).toMatchObject({ actions: ["delete", "create"], replacePaths: [["public_ips"]] });
    await project.terraform.apply("saved.tfplan");
    expect(await state()).toMatchObject({ public_ips: 2, status: "ok" });
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});

describe("a raw deployment that no node would take", () => {
  test.each<[string, unknown, string]>([
    ["an unknown type", [{ ...volume(1), type: "zvolume" }], 'workloads[0].type cannot be "zvolume".'],
    ["no JSON", "[{", "workloads is no JSON"],
    ["no list", {}, "workloads is no list."],
    ["a name twice", [volume(1), volume(2)], "workloads[1].name is also the name of workloads[0]."],
    ["a version that jumps", [{ ...volume(1), version: 7 }], "workloads[0].version cannot be given."],
    ["a bare password", [zdb({ password: "x" })], "workloads[0].data.password is a secret"],
    ["a strange reference", [zdb({ password: { $secret: "x" } })], "workloads[0].data.password is no reference"],
  ])("is refused while it is written: %s", async (_, workloads, message) => {
    project.write(raw(workloads));
    const { stdout } = await project.terraform.fail("validate", "-json");
    expect(stdout).toContain(JSON.stringify(message).slice(1, -1));
  });

  test("says on which node it failed, and leaves nothing, when the node refuses it after all", async () => {
    project.grid.nodes.get(NODE)?.failNext({ workloadType: "volume", message: "no more free devices" });
    project.write(raw([volume(1)]));
    const { diagnostics } = await project.terraform.fail("apply");
    expect(JSON.stringify(diagnostics)).toContain("Node 1 refused deployment raw");
    expect(leftovers(project.grid)).toEqual(NOTHING);
    await project.terraform.destroy();
  });
});
