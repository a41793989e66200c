import { parseWorkload } from "../../../lib/model/deployment";
import type { Qsfs } from "../../../lib/model/workloads/qsfs";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";
import { type Block, machine, PROJECT, stack, zdb } from "../../support/grid-stack";

const STORES = 1;
const NODE = 4;
const GIB = 1024 ** 3;
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

interface Storage {
  readonly data?: number;
  readonly passwordVersion?: number;
  readonly mount?: Block;
  readonly machine?: Block;
}

/** A machine with a file system over four namespaces for the map and some for the data. */
function storage({ data = 3, passwordVersion = 1, mount = {}, machine: change = {} }: Storage = {}) {
  const names = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind}${index}`);
  const store = (name: string, mode: string) =>
    zdb(STORES, { name, identity: name, mode, password_version: passwordVersion });
  const backend = (name: string) => ({
    address: `[\${threefold_zdb.${name}.planetary_ip}]:\${threefold_zdb.${name}.port}`,
    namespace: `\${threefold_zdb.${name}.namespace}`,
    password: `\${threefold_zdb.${name}.password}`,
  });
  const fileSystem = {
    mount_point: "/qsfs",
    key: "derive:qsfs-key/files/1",
    minimal_shards: 2,
    expected_shards: 3,
    metadata: names("meta", 4).map(backend),
    groups: [{ backends: names("data", data).map(backend) }],
    ...mount,
  };
  return stack(PROJECT, {
    threefold_zdb: Object.fromEntries([
      ...names("meta", 4).map((name) => [name, store(name, "user")]),
      ...names("data", data).map((name) => [name, store(name, "seq")]),
    ]),
    threefold_virtual_machine: { web: machine(NODE, { quantum_storage: [fileSystem], ...change }) },
  });
}

const web = async () => (await project.terraform.attributes("threefold_virtual_machine.web")) ?? {};

/** Actions of a plan that change something, by address. */
const changesOf = ({ changes }: Awaited<ReturnType<GridProject["terraform"]["plan"]>>) =>
  Object.fromEntries(changes.map(({ address, actions }) => [address, actions.join()]));

/** A workload as the node has it; undefined when it has none of that name. */
function onNode(nodeId: number, contractId: unknown, name: string) {
  const record = project.grid.nodes
    .get(nodeId)
    ?.snapshot()
    .deployments.find((each) => each.contractId === Number(contractId));
  const current = record?.changes.findLast((entry) => entry.name === name);
  return current && current.result.state !== "deleted" ? parseWorkload(current, name) : undefined;
}

async function qsfs(): Promise<Qsfs> {
  const workload = onNode(NODE, (await web()).contract_id, "qsfs_qsfs");
  if (workload?.type !== "qsfs") throw new Error("the machine has no file system");
  return workload.data;
}

/** The password that a namespace has on its node. */
async function passwordOf(store: string): Promise<string> {
  const state = await project.terraform.attributes(`threefold_zdb.${store}`);
  const workload = onNode(STORES, state?.contract_id, store);
  if (workload?.type !== "zdb") throw new Error(`${store} is no zdb`);
  return workload.data.password;
}

const versionOf = async (name: string) => onNode(NODE, (await web()).contract_id, name)?.version;

describe("the life of a file system over many nodes", () => {
  let contractId: unknown;
  let key: string;

  test("is made of namespaces that only then get their addresses, and is mounted into the machine", async () => {
    project.write(storage());
    await project.terraform.apply();
    const state = await web();
    contractId = state.contract_id;
    expect(state).toMatchObject({ status: "ok", quantum_storage: [{ name: "qsfs_qsfs", cache_gib: 1 }] });
    expect(state.quantum_storage_metrics).toEqual({
      qsfs_qsfs: expect.stringMatching(/^http:\/\/\[.*\]:9100\/metrics$/),
    });
    const { cache, config } = await qsfs();
    key = config.encryption.key;
    expect(cache).toBe(GIB);
    expect(config).toMatchObject({
      minimal_shards: 2,
      expected_shards: 3,
      redundant_groups: 0,
      redundant_nodes: 0,
      max_zdb_data_dir_size: 512,
      encryption: { algorithm: "AES", key: expect.stringMatching(/^[0-9a-f]{64}$/) },
      meta: { type: "zdb", config: { prefix: "files_1", encryption: config.encryption } },
      compression: { algorithm: "snappy" },
    });
    expect(config.meta.config.backends).toHaveLength(4);
    const [first] = config.groups[0]?.backends ?? [];
    const store = await project.terraform.attributes("threefold_zdb.data0");
    expect(first).toEqual({
      address: `[${String(store?.planetary_ip)}]:9900`,
      namespace: store?.namespace,
      password: await passwordOf("data0"),
    });
    const host = onNode(NODE, contractId, "web");
    expect(host?.type === "zmachine" && host.data.mounts).toEqual([{ name: "qsfs_qsfs", mountpoint: "/qsfs" }]);
  });

  test("keeps references in the state, never a password or the key, and plans nothing the second time", async () => {
    const text = JSON.stringify(await project.terraform.resources());
    expect(text).toContain("derive:zdb-password/data0/1@shop");
    for (const secret of [key, await passwordOf("data0"), await passwordOf("meta3")])
      expect(text).not.toContain(secret);
    expect(changesOf(await project.terraform.plan())).toEqual({});
  });

  test("gets another namespace, more parity and a larger cache in place, and the machine runs on", async () => {
    const machineVersion = await versionOf("web");
    project.write(storage({ data: 4, mount: { minimal_shards: 2, expected_shards: 4, cache_gib: 3 } }));
    expect(changesOf(await project.terraform.plan())).toEqual({
      "threefold_zdb.data3": "create",
      "threefold_virtual_machine.web": "update",
    });
    await project.terraform.apply("saved.tfplan");
    const { cache, config } = await qsfs();
    expect([cache, config.expected_shards, config.groups[0]?.backends.length]).toEqual([3 * GIB, 4, 4]);
    expect(await web()).toMatchObject({ status: "ok", contract_id: contractId });
    expect(await versionOf("web")).toBe(machineVersion);
    expect(changesOf(await project.terraform.plan())).toEqual({});
  });

  test("follows new passwords of its namespaces in place", async () => {
    const machineVersion = await versionOf("web");
    const before = (await qsfs()).config.groups[0]?.backends[0]?.password;
    project.write(storage({ passwordVersion: 2 }));
    const plan = await project.terraform.plan();
    expect(new Set(Object.values(changesOf(plan)))).toEqual(new Set(["update", "delete"]));
    await project.terraform.apply("saved.tfplan");
    const { config } = await qsfs();
    expect(config.groups[0]?.backends.map(({ password }) => password)).toEqual([
      await passwordOf("data0"),
      await passwordOf("data1"),
      await passwordOf("data2"),
    ]);
    expect(config.groups[0]?.backends[0]?.password).not.toBe(before);
    expect(config.encryption.key).toBe(key);
    expect(await versionOf("web")).toBe(machineVersion);
    expect(changesOf(await project.terraform.plan())).toEqual({});
  });

  test("is replaced with its machine under another key, unless its data may go", async () => {
    const rotated = { passwordVersion: 2, mount: { key: "derive:qsfs-key/files/2" } };
    project.write(storage(rotated));
    const shown = await project.terraform.plan();
    expect(shown.changes[0]).toMatchObject({ actions: ["delete", "create"], replacePaths: [["quantum_storage"]] });
    project.write(storage({ ...rotated, machine: { allow_data_loss: true } }));
    const allowed = await project.terraform.plan();
    expect(changesOf(allowed)).toEqual({ "threefold_virtual_machine.web": "update" });
    expect(allowed.diagnostics.map(({ summary }) => summary)).toContain("virtual machine web will lose data");
    await project.terraform.apply("saved.tfplan");
    const { config } = await qsfs();
    expect(config.encryption.key).not.toBe(key);
    expect(config.meta.config).toMatchObject({ prefix: "files_2", encryption: config.encryption });
    expect((await web()).contract_id).toBe(contractId);
    key = config.encryption.key;
  });

  test("is taken over with its machine as it stands, without a secret being read", async () => {
    const version = await versionOf("qsfs_qsfs");
    await project.terraform.succeed("state", "rm", "threefold_virtual_machine.web");
    await project.terraform.succeed("import", "-no-color", "threefold_virtual_machine.web", String(contractId));
    expect(await web()).toMatchObject({ quantum_storage: null, contract_id: contractId });
    await project.terraform.apply();
    expect((await qsfs()).config.encryption.key).toBe(key);
    expect(await versionOf("qsfs_qsfs")).toBe(version);
    expect(changesOf(await project.terraform.plan())).toEqual({});
  });

  test("goes without its namespaces when the machine no longer wants it", async () => {
    project.write(storage({ passwordVersion: 2, machine: { quantum_storage: [] } }));
    expect(changesOf(await project.terraform.plan())).toEqual({ "threefold_virtual_machine.web": "update" });
    await project.terraform.apply("saved.tfplan");
    expect(onNode(NODE, contractId, "qsfs_qsfs")).toBeUndefined();
    expect(await web()).toMatchObject({ status: "ok", contract_id: contractId, quantum_storage_metrics: null });
  });

  test("leaves nothing behind when all is destroyed", async () => {
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});
