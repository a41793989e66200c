/**
 * Every contract can be taken into a state that has forgotten it, by its number or by the name it reserves. The plan after
 * that is empty; where a grid does not tell what the configuration says, it is an update of just that, and of nothing on the grid.
 */
import { isDeepStrictEqual } from "node:util";
import {
  type Block,
  dedicatedNode,
  deployment,
  gatewayFqdn,
  gatewayName,
  joined,
  machine,
  mesh,
  PROJECT,
  type Resources,
  stack,
  zdb,
} from "../support/grid-stack";
import { secondClient } from "../support/second-client";
import { Lab } from "../support/simulation/lab";
import type { SimulatedTerraform } from "../support/simulation/simulated-terraform";

/** What is forgotten and imported. */
interface Subject {
  readonly title: string;
  readonly type: string;
  readonly block: Block;
  /** What it was at first. */
  readonly first?: Block;
  /** What runs beside it. */
  readonly beside?: Resources;
  /** What to import it by. @default its contract's number */
  readonly by?: "name" | "name_contract_id" | "member" | "last member";
  /** Attributes that the grid does not tell, and that the next apply takes from the configuration. */
  readonly untold?: readonly string[];
}

const volume = [{ name: "store", type: "volume", data: { size: 2 ** 30 } }];
const namespace = [
  {
    name: "kept",
    type: "zdb",
    data: { size: 2 ** 30, mode: "user", password: { $secret: "derive:zdb-password/kept/1" }, public: false },
  },
];
const backend = (name: string) => ({
  address: "[300:e9c4::1]:9900",
  namespace: `1-1-${name}`,
  password: `derive:zdb-password/${name}/1`,
});
const files = {
  mount_point: "/qsfs",
  key: "derive:qsfs-key/files/1",
  minimal_shards: 1,
  expected_shards: 2,
  metadata: ["meta0", "meta1", "meta2", "meta3"].map(backend),
  groups: [{ backends: ["data0", "data1"].map(backend) }],
};
const disks = [
  { size_gib: 1, mount_point: "/z" },
  { size_gib: 2, mount_point: "/a" },
];
const MACHINE = "threefold_virtual_machine";
const NETWORK = "threefold_network";
const onMesh = { [NETWORK]: { mesh: mesh({ it: 4 }) } };
const inMesh = (name: string, nodeId: number) => machine(nodeId, { name, network: joined(name) });
const meshed = (change: Block = {}) => mesh({ web: 1, api: 2 }, change);
const both = { [MACHINE]: { web: inMesh("web", 1), api: inMesh("api", 2) } };
const guests = { access: ["phone", "laptop"] };

const SEQUENCE = { mode: "seq", public: true, password_version: 3 };
const RICH = { disks, volumes: [{ size_gib: 1, mount_point: "/shared" }], public_ipv4: true, planetary: true };
const PASSING = { tls_passthrough: true, backends: ["185.206.122.100:443"] };
const NOTED = { description: "mine", metadata: "notes" };
const PLAIN = { mycelium: false, ip_range: "10.9.0.0/16" };

const SUBJECTS: readonly Subject[] = [
  { title: "a zdb", type: "threefold_zdb", block: zdb(4) },
  {
    title: "a zdb with everything of its own, under another name",
    type: "threefold_zdb",
    first: zdb(4, SEQUENCE),
    block: zdb(4, { ...SEQUENCE, name: "store" }),
  },
  { title: "a machine", type: MACHINE, block: machine(1) },
  {
    title: "a machine with storage and addresses, under another name",
    type: MACHINE,
    first: machine(4, RICH),
    block: machine(4, { ...RICH, name: "front" }),
  },
  {
    title: "a machine with an entrypoint and a generation",
    type: MACHINE,
    block: machine(1, { entrypoint: "/sbin/init", generation: "2" }),
  },
  {
    title: "a machine with logs",
    type: MACHINE,
    block: machine(1, { logs: ["redis://10.20.2.9:6379", "ws://10.20.2.9/log"] }),
  },
  { title: "a light machine", type: MACHINE, block: machine(7, { light: true, disks }) },
  {
    title: "a machine in a mesh",
    type: MACHINE,
    block: machine(4, { name: "it", network: joined("it"), mycelium: true }),
    beside: onMesh,
  },
  {
    title: "a machine with an environment",
    type: MACHINE,
    block: machine(1, { env: { MODE: "plain" } }),
    untold: ["env"],
  },
  {
    title: "a machine with keys and secrets",
    type: MACHINE,
    block: machine(1, { ssh_keys: ["ssh-ed25519 AAAA me@host"], secret_env: { PASSWORD: "derive:zdb-password/db/1" } }),
    untold: ["secret_env", "ssh_keys"],
  },
  {
    title: "a machine with quantum storage",
    type: MACHINE,
    block: machine(4, { quantum_storage: [files] }),
    untold: ["quantum_storage"],
  },
  { title: "a gateway at a reserved name", type: "threefold_gateway_name", block: gatewayName(1) },
  {
    title: "a gateway at a reserved name, by that name",
    type: "threefold_gateway_name",
    block: gatewayName(1),
    by: "name",
  },
  {
    title: "a gateway at a reserved name, by the contract of that name",
    type: "threefold_gateway_name",
    block: gatewayName(1),
    by: "name_contract_id",
  },
  { title: "a gateway at a domain", type: "threefold_gateway_fqdn", block: gatewayFqdn(2) },
  {
    title: "a gateway that leaves TLS to its backend, under another name",
    type: "threefold_gateway_fqdn",
    first: gatewayFqdn(2, PASSING),
    block: gatewayFqdn(2, { ...PASSING, name: "site" }),
  },
  { title: "a raw deployment", type: "threefold_deployment", block: deployment(2, volume) },
  {
    title: "a raw deployment with texts of its own, under another name",
    type: "threefold_deployment",
    first: deployment(2, volume, NOTED),
    block: deployment(2, volume, { ...NOTED, name: "heap" }),
    untold: [],
  },
  {
    title: "a raw deployment with a secret",
    type: "threefold_deployment",
    block: deployment(4, namespace),
    untold: ["workloads"],
  },
  {
    title: "a rented node, under another name",
    type: "threefold_dedicated_node",
    first: dedicatedNode(12),
    block: dedicatedNode(12, { name: "house" }),
    untold: ["name"],
  },
  { title: "a mesh", type: NETWORK, block: meshed(), beside: both, by: "member" },
  {
    title: "a mesh under another name",
    type: NETWORK,
    first: meshed(PLAIN),
    block: meshed({ ...PLAIN, name: "net" }),
    beside: both,
    by: "member",
    untold: ["name"],
  },
  { title: "a mesh with further members", type: NETWORK, block: meshed({ nodes: [4, 5] }), beside: both, by: "member" },
  {
    title: "a mesh with further members, by the last of them",
    type: NETWORK,
    block: meshed({ nodes: [4, 5] }),
    beside: both,
    by: "last member",
  },
  {
    title: "a mesh of one light node without WireGuard",
    type: NETWORK,
    block: mesh({}, { hosts: null, nodes: [8] }),
    by: "member",
  },
  {
    title: "a mesh without mycelium whose first member is a light node",
    type: NETWORK,
    block: mesh({}, { hosts: null, nodes: [7, 9], mycelium: false }),
    by: "member",
  },
  {
    title: "a mesh with reserved blocks",
    type: NETWORK,
    block: meshed({ reserved: { b: "210-219", a: "220-229" } }),
    beside: both,
    by: "member",
  },
  {
    title: "a mesh with members in another order",
    type: NETWORK,
    block: meshed({ nodes: [5, 4, 2] }),
    beside: both,
    by: "member",
    untold: ["nodes"],
  },
  {
    title: "a mesh with users' machines",
    type: NETWORK,
    block: meshed(guests),
    beside: both,
    by: "member",
    untold: ["access", "access_points"],
  },
  {
    title: "a mesh with users' machines that dial a given member",
    type: NETWORK,
    block: meshed({ ...guests, access_nodes: { laptop: 2 } }),
    beside: both,
    by: "member",
    untold: ["access", "access_nodes", "access_points"],
  },
  {
    title: "a mesh whose users' machines came one after the other and dial different members",
    type: NETWORK,
    first: meshed({ access: ["phone"], access_nodes: { phone: 2 } }),
    block: meshed(guests),
    beside: both,
    by: "member",
    untold: ["access", "access_points"],
  },
  {
    title: "a mesh with a hidden member",
    type: NETWORK,
    first: meshed({ nodes: [3] }),
    block: meshed({ nodes: [3, 5] }),
    beside: both,
    by: "member",
  },
  {
    title: "a mesh without its machines",
    type: NETWORK,
    block: meshed(),
    by: "member",
    untold: ["hosts", "nodes", "addresses"],
  },
];

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
  await announce();
});
afterAll(() => lab?.close());

beforeEach(async () => {
  if (!lab.isLittered()) return;
  lab = await lab.anew();
  await announce();
});

test.each(SUBJECTS)("$title", async ({ type, block, first, beside = {}, by, untold = [] }) => {
  const terraform = lab.terraform();
  // A mesh is referred to under its own name.
  const name = type === NETWORK ? "mesh" : "it";
  const address = `${type}.${name}`;
  const apply = (own: Block) => lab.run(() => terraform.apply(stack(PROJECT, beside, { [type]: { [name]: own } })));
  for (const each of first ? [first, block] : [block]) expect((await apply(each)).errors).toEqual([]);
  const before = stateOf(terraform, address);
  const writes = lab.extrinsics();
  terraform.remove(address);
  expect((await lab.run(() => terraform.import(address, idOf(before, by)))).errors).toEqual([]);
  expect(differing(before, stateOf(terraform, address))).toEqual(untold);
  const imported = await apply(block);
  const restored = stateOf(terraform, address);
  expect([imported.errors, imported.actions]).toEqual([[], untold.length > 0 ? { [address]: "update" } : {}]);
  expect(differing(before, restored)).toEqual([]);
  expect(lab.extrinsics() - writes).toBe(0);
  expect((await apply(block)).actions).toEqual({});
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  await lab.control("dev.awaitNodes");
  expect(lab.isLittered()).toBe(false);
});

test("a mesh with a member that its node has nothing of says which contract is in the way", async () => {
  const terraform = lab.terraform();
  const config = stack(PROJECT, both, { [NETWORK]: { mesh: meshed({ nodes: [4] }) } });
  const apply = () => lab.run(() => terraform.apply(config));
  const importMesh = (id: string) => lab.run(() => terraform.import(`${NETWORK}.mesh`, id));
  expect((await apply()).errors).toEqual([]);
  const before = stateOf(terraform, `${NETWORK}.mesh`);
  const wiped = idOf(before, "last member");
  await lab.control("dev.reinstallNode", 4);
  terraform.remove(`${NETWORK}.mesh`);
  const { errors } = await importMesh(idOf(before, "member"));
  expect(errors).toEqual([expect.stringContaining(`Node 4 has nothing of the network under contract ${wiped}.`)]);
  expect(errors[0]).toContain(`Fix: cancel contract ${wiped} if`);
  await lab.run(() =>
    lab.world.as(undefined, async () => {
      const other = await secondClient(lab.grid, undefined, "ed25519");
      await other.cancel(Number(wiped));
      await other.close();
    }),
  );
  expect((await importMesh(idOf(before, "member"))).errors).toEqual([]);
  expect((await apply()).errors).toEqual([]);
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect((await apply()).actions).toEqual({});
});

/** Attributes that differ. What was last planned is known only once something was planned. */
function differing(before: Block, now: Block): string[] {
  return Object.keys(before).filter((name) => name !== "content_hash" && !isDeepStrictEqual(before[name], now[name]));
}

function idOf(state: Block, by: Subject["by"]): string {
  const members = Object.values((state.members ?? {}) as Record<string, Block>);
  if (by === "member") return String(members[0]?.contract_id);
  if (by === "last member") return String(members.at(-1)?.contract_id);
  return String(state[by ?? "contract_id"]);
}

/** The domain points to the gateway node. */
async function announce(): Promise<void> {
  const ip4 = lab.grid.nodes.get(2)?.snapshot().endpoint.publicConfig?.ip4.split("/")[0] ?? "";
  await lab.control("dev.setDns", "www.example.org", [ip4]);
}

function stateOf(terraform: SimulatedTerraform, address: string): Block {
  return terraform.store.state.get(address)?.object.state ?? {};
}
