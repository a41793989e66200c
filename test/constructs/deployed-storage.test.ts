/** Pools and file systems over many nodes under real Terraform on a devgrid. */
import { Testing } from "cdktf";
import {
  GridStack,
  Image,
  QuantumStorage,
  type QuantumStorageProps,
  Size,
  VirtualMachine,
  Zdb,
  ZdbPool,
} from "../../lib";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";

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

/** Writes the configuration of a stack that `build` fills. */
function write(build: (stack: GridStack) => void): void {
  const stack = new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
  build(stack);
  const { provider: _provider, terraform: _terraform, ...config } = JSON.parse(Testing.synth(stack));
  project.write(config);
}

/** What a plan does to stores and machines, by name. */
async function planned(): Promise<Record<string, string>> {
  const { changes } = await project.terraform.plan();
  const shown = changes.filter(({ address }) => !address.startsWith("threefold_placement."));
  return Object.fromEntries(
    shown.map(({ address, actions }) => [
      address.replace(/^threefold_\w+\./, "").replace(/_[0-9A-F]{8}$/, ""),
      actions.join(),
    ]),
  );
}

async function stores(): Promise<Record<string, unknown>[]> {
  const resources = await project.terraform.resources();
  return resources.filter(({ address }) => address.startsWith("threefold_zdb.")).map(({ values }) => ({ ...values }));
}

describe("a pool of stores", () => {
  const pool =
    (count: number, gib = 10) =>
    (stack: GridStack) => {
      new ZdbPool(stack, "pool", { count, size: Size.gib(gib), mode: "seq" });
    };

  it("is on a node for each, grows beside what runs and shrinks from its end", async () => {
    write(pool(2));
    await project.terraform.apply();
    const first = await stores();
    write(pool(4));
    expect(await planned()).toEqual({ pool_2: "create", pool_3: "create" });
    await project.terraform.apply("saved.tfplan");
    const grown = await stores();
    expect(new Set(grown.map(({ node_id }) => node_id)).size).toBe(4);
    expect(grown).toEqual(expect.arrayContaining(first));
    expect(await planned()).toEqual({});
    write(pool(1, 20));
    expect(await planned()).toEqual({ pool_0: "update", pool_1: "delete", pool_2: "delete", pool_3: "delete" });
    await project.terraform.apply("saved.tfplan");
    const kept = first.find(({ identity }) => identity === "pool/0");
    expect(await stores()).toMatchObject([{ contract_id: kept?.contract_id, size_gib: 20, status: "ok" }]);
    expect(await planned()).toEqual({});
  });

  it("fails in the plan when there are fewer nodes than stores, and says how many do not fit and why", async () => {
    write(pool(9));
    const { diagnostics } = await project.terraform.fail("plan");
    const said = diagnostics.map(({ detail }) => detail).join("\n");
    const reason = "of 12 nodes none fits: 7 are taken by another request of the same spread";
    for (const store of ["pool/7", "pool/8"]) expect(said).toContain(`No node fits "${store}": ${reason}`);
    expect(said).toContain("[TFG_NO_CANDIDATE]");
  });
});

describe("a file system over many nodes", () => {
  const files =
    (props: Partial<QuantumStorageProps> = {}) =>
    (stack: GridStack) => {
      const storage = new QuantumStorage(stack, "files", { size: Size.gib(10), expectedShards: 3, ...props });
      const quantumStorage = [{ storage, mountPoint: "/qsfs" }];
      new VirtualMachine(stack, "web", { cpu: 1, memory: Size.gib(1), image: Image.ubuntu(), quantumStorage });
    };

  it("is mounted in one apply, and gets more stores and new passwords while the machine runs", async () => {
    write(files());
    await project.terraform.apply();
    expect(await planned()).toEqual({});
    const before = await project.terraform.attributes("threefold_virtual_machine.web");
    const nodesOf = async (mode: string) =>
      (await stores()).filter((store) => store.mode === mode).map(({ node_id }) => node_id);
    expect(new Set(await nodesOf("seq")).size).toBe(3);
    expect(new Set(await nodesOf("user")).size).toBe(4);
    write(files({ backends: 4, expectedShards: 4, passwordVersion: 2 }));
    const changes = await planned();
    expect(changes).toMatchObject({ files_data_3: "create", files_metadata_0: "update", web: "update" });
    await project.terraform.apply("saved.tfplan");
    const after = await project.terraform.attributes("threefold_virtual_machine.web");
    expect(after).toMatchObject({ status: "ok", contract_id: before?.contract_id });
    expect(await planned()).toEqual({});
  });
});

describe("a machine with connections", () => {
  it("is told an address of its store that it can reach, and the password", async () => {
    write((stack) => {
      const db = new Zdb(stack, "db", { size: Size.gib(1) });
      const connections = { ZDB: db };
      const machine = { cpu: 1, memory: Size.gib(1), image: Image.ubuntu(), connections };
      new VirtualMachine(stack, "web", { ...machine, mycelium: true });
      new VirtualMachine(stack, "api", { ...machine, planetary: true });
    });
    await project.terraform.apply();
    const [db] = await stores();
    const envOf = async (name: string) =>
      (await project.terraform.attributes(`threefold_virtual_machine.${name}`))?.env as Record<string, string>;
    expect(await envOf("web")).toEqual({ ZDB_HOST: db?.mycelium_ip, ZDB_PORT: "9900", ZDB_NAMESPACE: db?.namespace });
    expect((await envOf("api")).ZDB_HOST).toBe(db?.planetary_ip);
    expect(await planned()).toEqual({});
  });
});
