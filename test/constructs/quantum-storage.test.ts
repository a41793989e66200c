import "../support/setup";
import { Testing } from "cdktf";
import {
  GridStack,
  Image,
  Placement,
  QuantumStorage,
  type QuantumStorageProps,
  Size,
  VirtualMachine,
  type VirtualMachineProps,
} from "../../lib";
import { later } from "../support/tokens";

const minimal = { cpu: 1, memory: Size.gib(1), image: Image.ubuntu() };
const gridStack = () => new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
const storageOf = (props: Partial<QuantumStorageProps> = {}, stack = gridStack()) =>
  new QuantumStorage(stack, "files", { size: Size.gib(10), expectedShards: 3, ...props });

/** A machine with the storage at /qsfs. */
function mounted(props: Partial<QuantumStorageProps> = {}, machine: Partial<VirtualMachineProps> = {}) {
  const stack = gridStack();
  const storage = storageOf(props, stack);
  const quantumStorage = [{ storage, mountPoint: "/qsfs" }];
  new VirtualMachine(stack, "web", { ...minimal, quantumStorage, ...machine });
  const { resource } = JSON.parse(Testing.synth(stack));
  return { ...resource, requests: resource.threefold_placement.placement.requests };
}

function backend(pool: string, index: number) {
  const store = `threefold_zdb.files_${pool}_${index}`;
  return {
    address: expect.stringMatching(
      new RegExp(
        `^\\[\\$\\{coalesce\\(threefold_zdb\\.files_${pool}_${index}_\\w+\\.planetary_ip, .*public_ipv6\\)\\}\\]:`,
      ),
    ),
    namespace: expect.stringContaining(store),
    password: expect.stringContaining(store),
  };
}

const backends = (pool: string, indices: readonly number[]) => indices.map((index) => backend(pool, index));

describe("QuantumStorage", () => {
  it("makes four stores for the map and one for each piece, and mounts them into a machine", () => {
    const { threefold_virtual_machine, threefold_zdb, requests } = mounted();
    expect(threefold_virtual_machine.web.quantum_storage).toEqual([
      {
        mount_point: "/qsfs",
        key: "derive:qsfs-key/files/1@${threefold_project.project.key_scope}",
        cache_gib: 1,
        minimal_shards: 2,
        expected_shards: 3,
        metadata: backends("metadata", [0, 1, 2, 3]),
        groups: [{ backends: backends("data", [0, 1, 2]) }],
      },
    ]);
    const stores: readonly Record<string, unknown>[] = Object.values(threefold_zdb);
    expect(stores.map(({ identity, mode, size_gib }) => [identity, mode, size_gib])).toEqual([
      ["files/data/0", "seq", 10],
      ["files/data/1", "seq", 10],
      ["files/data/2", "seq", 10],
      ...[0, 1, 2, 3].map((index) => [`files/metadata/${index}`, "user", 1]),
    ]);
    expect(requests["files/data/0"]).toEqual({
      hdd_gib: 10,
      features: ["yggdrasil", "zdb"],
      spread: "zdb-pool/shop/files/data",
    });
    expect(requests["files/metadata/0"].spread).toBe("zdb-pool/shop/files/metadata");
  });

  it("asks for a node with room for its cache and for what serves it", () => {
    expect(mounted({ cache: Size.gib(5) }).requests.web).toEqual({
      cpu: 1,
      memory_mib: 2048,
      ssd_gib: 6,
      features: ["network", "qsfs", "zmachine"],
    });
  });

  it("hands over every property in the provider's words", () => {
    const { threefold_virtual_machine, threefold_zdb, requests } = mounted({
      expectedShards: 4,
      minimalShards: 3,
      backends: 5,
      groups: 2,
      redundantGroups: 1,
      redundantNodes: 1,
      metadataSize: Size.gib(2),
      cache: Size.gib(5),
      maxZdbDataDirSize: Size.gib(2),
      keyVersion: 2,
      passwordVersion: 3,
      placement: Placement.where({ country: "Belgium" }).and(Placement.spread("all")),
      allowDataLoss: true,
      name: "docs",
      identity: "shop/docs",
    });
    expect(threefold_virtual_machine.web.quantum_storage).toMatchObject([
      {
        key: "derive:qsfs-key/shop/docs/2@${threefold_project.project.key_scope}",
        cache_gib: 5,
        minimal_shards: 3,
        expected_shards: 4,
        redundant_groups: 1,
        redundant_nodes: 1,
        max_zdb_data_dir_size_mib: 2048,
        groups: [{ backends: backends("data", [0, 2, 4]) }, { backends: backends("data", [1, 3]) }],
      },
    ]);
    const stores: readonly Record<string, unknown>[] = Object.values(threefold_zdb);
    expect(stores).toHaveLength(9);
    expect(stores[0]).toMatchObject({ name: "docs_data_0", password_version: 3, allow_data_loss: true });
    expect(stores[8]).toMatchObject({ name: "docs_metadata_3", size_gib: 2, identity: "shop/docs/metadata/3" });
    expect(requests["shop/docs/data/0"]).toMatchObject({ country: "Belgium", spread: "all" });
  });

  it.each<[string, Partial<QuantumStorageProps>, RegExp]>([
    [
      "fewer stores than pieces",
      { backends: 2 },
      /expectedShards cannot be 3\.[\s\S]*from 1 to 2, the number of backends/,
    ],
    ["no pieces", { expectedShards: 0 }, /expectedShards cannot be 0/],
    [
      "more pieces needed than there are",
      { minimalShards: 4 },
      /minimalShards cannot be 4\.[\s\S]*from 1 to 3, the exp/,
    ],
    ["no piece needed", { minimalShards: 0 }, /minimalShards cannot be 0/],
    ["half a store", { backends: 3.5 }, /backends cannot be 3\.5/],
    ["a number that only Terraform knows", { expectedShards: later("n") }, /expectedShards is only known to Terraform/],
    ["more groups than stores", { groups: 4 }, /groups cannot be 4/],
    ["the loss of all groups", { groups: 2, redundantGroups: 2 }, /redundantGroups cannot be 2\.[\s\S]*from 0 to 1/],
    ["the loss of all stores of a group", { redundantNodes: 3 }, /redundantNodes cannot be 3\.[\s\S]*from 0 to 2/],
    ["a cache of a part of a GiB", { cache: Size.mib(512) }, /cache cannot be 0\.5 GiB/],
    ["stores of a part of a GiB", { size: Size.mib(512) }, /size cannot be 0\.5 GiB/],
    ["nothing to collect", { maxZdbDataDirSize: Size.mib(8) }, /maxZdbDataDirSize cannot be 8 MiB/],
    ["one node for all", { placement: Placement.node(1) }, /placement names one node/],
    ["a key version below 1", { keyVersion: 0 }, /keyVersion cannot be 0/],
  ])("refuses %s", (_title, props, message) => {
    expect(() => storageOf(props)).toThrow(message);
  });

  it.each<[string, string, RegExp]>([
    ["over the root", "/", /quantumStorage\[0\]\.mountPoint cannot be "\/"/],
    ["where a disk is", "/data/", /quantumStorage\[0\]\.mountPoint cannot be "\/data\/"/],
  ])("is not mounted %s", (_title, mountPoint, message) => {
    const stack = gridStack();
    const storage = storageOf({}, stack);
    const disks = [{ size: Size.gib(1), mountPoint: "/data" }];
    const props = { ...minimal, disks, quantumStorage: [{ storage, mountPoint }] };
    expect(() => new VirtualMachine(stack, "web", props)).toThrow(message);
  });

  it("is not mounted twice", () => {
    const stack = gridStack();
    const quantumStorage = [{ storage: storageOf({}, stack), mountPoint: "/qsfs" }];
    new VirtualMachine(stack, "web", { ...minimal, quantumStorage });
    expect(() => new VirtualMachine(stack, "api", { ...minimal, quantumStorage })).toThrow(
      /"shop\/files" cannot be mounted twice\.[\s\S]*first +shop\/web[\s\S]*second +shop\/api[\s\S]*TFG_STORAGE_TAKEN/,
    );
  });
});
