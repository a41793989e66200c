import { checkQuantumStorage } from "../../../../../lib/provider/resources/virtual-machine/quantum-storage/rules";
import { validateVirtualMachine } from "../../../../../lib/provider/resources/virtual-machine/rules";
import { type ObjectValue, UNKNOWN, type Value } from "../../../../../lib/provider/schema/value";

const backend = (namespace: string, change: ObjectValue = {}): ObjectValue => ({
  address: "[300:e9c4::1]:9900",
  namespace,
  password: "derive:zdb-password/db/1@shop",
  ...change,
});
const backends = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => backend(`7-${index}-${kind}`));

/** A good file system with three data namespaces, and a change. */
const fileSystem = (change: ObjectValue = {}): ObjectValue => ({
  mount_point: "/qsfs",
  key: "derive:qsfs-key/files/1",
  minimal_shards: 2,
  expected_shards: 3,
  metadata: backends("meta", 4),
  groups: [{ backends: backends("data", 3) }],
  ...change,
});

const findings = (...items: Value[]) => checkQuantumStorage(items).map((error) => `${error.summary} ${error.remedy}`);

describe("a file system over many nodes", () => {
  it("passes when it is good, and as far as nothing is known of it", () => {
    expect(findings(fileSystem())).toEqual([]);
    expect(findings(UNKNOWN)).toEqual([]);
    const open: ObjectValue = { address: UNKNOWN, namespace: UNKNOWN, password: UNKNOWN };
    const later = Array.from({ length: 4 }, () => open);
    expect(findings(fileSystem({ metadata: later, groups: [{ backends: later }], expected_shards: 4 }))).toEqual([]);
    expect(findings(fileSystem({ metadata: UNKNOWN, groups: UNKNOWN, key: UNKNOWN, cache_gib: UNKNOWN }))).toEqual([]);
    expect(findings(fileSystem({ groups: [{ backends: UNKNOWN }], expected_shards: 9 }))).toEqual([]);
    expect(findings(fileSystem({ minimal_shards: UNKNOWN, expected_shards: UNKNOWN }))).toEqual([]);
  });

  it.each<[string, ObjectValue, RegExp]>([
    [
      "fewer namespaces than shards",
      { expected_shards: 4 },
      /expected_shards cannot be 4\..* 1 to 3, the number of data/,
    ],
    ["no shards", { expected_shards: 0 }, /expected_shards cannot be 0/],
    ["a part of a shard", { expected_shards: 2.5 }, /expected_shards cannot be 2\.5/],
    [
      "more needed than there are",
      { minimal_shards: 4 },
      /minimal_shards cannot be 4\..* 1 to 3, the number of expected/,
    ],
    ["none needed", { minimal_shards: 0 }, /minimal_shards cannot be 0/],
    ["three namespaces for the map", { metadata: backends("meta", 3) }, /metadata names 3 namespaces/],
    ["five namespaces for the map", { metadata: backends("meta", 5) }, /metadata names 5 namespaces/],
    ["no groups", { groups: [] }, /groups are empty/],
    ["an empty group", { groups: [{ backends: backends("data", 3) }, { backends: [] }] }, /groups have one without/],
    ["no cache", { cache_gib: 0 }, /cache_gib cannot be 0/],
    [
      "a data directory that holds nothing",
      { max_zdb_data_dir_size_mib: 16 },
      /max_zdb_data_dir_size_mib cannot be 16/,
    ],
    ["all groups lost", { redundant_groups: 1 }, /redundant_groups cannot be 1\..*from 0 to 0/],
    ["all namespaces of a group lost", { redundant_nodes: 3 }, /redundant_nodes cannot be 3\..*from 0 to 2/],
    ["a key in clear", { key: "00ff".repeat(16) }, /key is no reference to the key of a storage/],
    ["a password as the key", { key: "derive:zdb-password/db/1" }, /key is no reference to the key of a storage/],
    [
      "one namespace twice",
      { groups: [{ backends: [backend("7-1-a"), backend("7-1-a"), backend("7-1-b")] }] },
      /groups\[0\]\.backends\[1\]\.namespace cannot be "7-1-a"/,
    ],
    [
      "a namespace for data and map",
      { groups: [{ backends: [backend("7-0-meta"), backend("7-1-a"), backend("7-1-b")] }] },
      /backends\[0\]\.namespace cannot be "7-0-meta"/,
    ],
    [
      "an address without a port",
      { groups: [{ backends: [backend("a", { address: "300::1" }), backend("b"), backend("c")] }] },
      /address cannot be "300::1"/,
    ],
    [
      "an IPv4 address",
      { groups: [{ backends: [backend("a", { address: "10.0.0.1:9900" }), backend("b"), backend("c")] }] },
      /address cannot be "10\.0\.0\.1:9900"/,
    ],
  ])("is refused with %s", (_title, change, message) => {
    const said = findings(fileSystem(change));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(message);
  });

  it("repeats no password that was given in clear, nor a key", () => {
    const clear = backend("a", { password: "hunter2hunter2" });
    const item = fileSystem({ key: "c0ffee", groups: [{ backends: [clear, backend("b"), backend("c")] }] });
    const errors = checkQuantumStorage([item]);
    expect(errors.map(({ code }) => code).sort()).toEqual(["TFG_BAD_VALUE", "TFG_SECRET_REFERENCE"]);
    expect(errors.map(String).join()).not.toMatch(/hunter2|c0ffee/);
    expect(errors.map(({ attribute }) => attribute)).toEqual([undefined, undefined]);
  });

  it("shares the places of a machine with its disks and volumes, and its namespaces with no other file system", () => {
    const said = (config: ObjectValue) => validateVirtualMachine(config).map(({ summary }) => summary);
    const disks = [{ mount_point: "/qsfs/", size_gib: 1 }];
    expect(said({ disks, quantum_storage: [fileSystem()] })).toEqual([
      'quantum_storage[0].mount_point cannot be "/qsfs".',
    ]);
    expect(said({ quantum_storage: [fileSystem({ mount_point: "/" })] })).toEqual([
      'quantum_storage[0].mount_point cannot be "/".',
    ]);
    const [first] = said({ quantum_storage: [fileSystem(), fileSystem({ mount_point: "/other" })] });
    expect(first).toBe('quantum_storage[1].metadata[0].namespace cannot be "7-0-meta".');
  });
});
