/** Single promises of plans that were broken once, call by call: what random stacks found stays found. */
import { silentLog } from "../../lib/core/log";
import { Devgrid } from "../../lib/devgrid/devgrid";
import { defineProvider } from "../../lib/provider/definition";
import { fastClock } from "../support/fast-clock";
import { FLIST } from "../support/grid-stack";
import { type Action, type Block, type PlannedChange, RpcDriver, type StoredObject } from "../support/rpc-driver";

const MACHINE = "threefold_virtual_machine";
const NETWORK = "threefold_network";
const ZDB = "threefold_zdb";
const PROJECT = { id: "p.0123456789abcdef", name: "p", key_scope: "p" };

let grid: Devgrid;
let driver: RpcDriver;
let made = 0;

beforeAll(async () => {
  const clock = fastClock(10);
  grid = await Devgrid.start({ blockMs: "instant", provisionMs: 1, clock });
  const { chain, relay, directory, mnemonic } = grid.describe();
  driver = new RpcDriver(defineProvider({ env: { THREEFOLD_MNEMONIC: mnemonic }, log: silentLog, clock }), {
    chain_urls: [chain],
    relay_urls: [relay],
    directory_urls: [directory],
  });
});
afterAll(async () => {
  await driver?.close();
  await grid?.close();
});

beforeEach(() => {
  made++;
});

function named(block: Block): Block {
  return { project: PROJECT, name: "x", identity: `object${made}`, ...block };
}

function machine(change: Block = {}): Block {
  return named({ node_id: 1, cpu: 1, memory_mib: 512, flist: FLIST, ...change });
}

async function plan(type: string, stored: StoredObject | undefined, block: Block): Promise<PlannedChange> {
  await driver.beginWalk();
  const found = stored && (await driver.refresh(type, stored));
  return driver.plan(type, found, block);
}

async function apply(type: string, change: PlannedChange, block: Block): Promise<StoredObject> {
  await driver.beginWalk();
  if (change.action === "replace") await driver.destroyForReplacement(type, change);
  return driver.apply(type, change, block);
}

/** Applies one configuration after the other; every plan after an apply has to be empty. Gives what was planned. */
async function live(
  type: string,
  ...blocks: readonly Block[]
): Promise<{ readonly actions: Action[]; readonly warnings: string[]; readonly stored: StoredObject }> {
  const actions: Action[] = [];
  const warnings: string[] = [];
  let stored: StoredObject | undefined;
  for (const block of blocks) {
    const change = await plan(type, stored, block);
    actions.push(change.action);
    warnings.push(...change.warnings);
    stored = await apply(type, change, block);
    expect((await plan(type, stored, block)).action).toBe("no-op");
  }
  if (!stored) throw new Error("nothing was applied");
  return { actions, warnings, stored };
}

describe("values that only configuration holds", () => {
  const first = { secret_env_wo: { W: "1" }, secret_env_wo_version: 1 };

  test("can be taken out together with their version", async () => {
    expect((await live(MACHINE, machine(first), machine())).actions).toEqual(["create", "update"]);
  });

  test("that changed under the same version are sent with the next change, and the plan says so", async () => {
    const second = { secret_env_wo: { W: "2" }, secret_env_wo_version: 1 };
    const { actions, warnings } = await live(
      MACHINE,
      machine(first),
      machine(second),
      machine({ ...second, name: "y" }),
    );
    expect(actions).toEqual(["create", "no-op", "update"]);
    expect(warnings).toContain("virtual machine y will be rebuilt in place");
  });
});

test("a namespace that shrinks may move to another disk, and its new addresses are not promised", async () => {
  const sized = (size: number) => named({ node_id: 4, size_gib: size, allow_data_loss: true });
  await live(ZDB, { ...sized(9000), identity: "first" });
  const { actions } = await live(ZDB, sized(6000), sized(1000));
  expect(actions).toEqual(["create", "update"]);
});

test("a machine that leaves its mesh and shrinks its disk is replaced in the plan, not refused in the apply", async () => {
  const { stored } = await live(NETWORK, named({ nodes: [1], hosts: { a: 1 } }));
  const { network_name: name, addresses } = stored.state;
  const network = { name, ip: (addresses as Record<string, string>).a };
  const disks = (size: number) => [{ mount_point: "/d", size_gib: size }];
  const { actions } = await live(MACHINE, machine({ network, disks: disks(4) }), machine({ disks: disks(2) }));
  expect(actions).toEqual(["create", "replace"]);
});

describe("what no node would take is refused by the plan, also for a machine with a network of its own", () => {
  const disk = { mount_point: "/a", size_gib: 1 };
  test.each<[string, Block, RegExp]>([
    [
      "two disks whose mount points give one name",
      { disks: ["/a/b", "/a_b"].map((mount_point) => ({ ...disk, mount_point })) },
      /same name 'disk_a_b'/,
    ],
    ["a disk named like its machine", { identity: "same", disks: [{ ...disk, name: "same" }] }, /same name 'same'/],
    ["a disk with a name that nodes keep for themselves", { disks: [{ ...disk, name: "ygg" }] }, /reserved/],
    ["a mount point that leads to the root", { disks: [{ ...disk, mount_point: "/a/.." }] }, /mount_point cannot be/],
    ["a node number that no node can have", { node_id: -1 }, /node_id cannot be -1/],
    ["a network without a name", { network: { name: "", ip: "10.20.2.2" } }, /network.name cannot be/],
    ["an address that nodes read differently", { network: { name: "net", ip: "10.020.2.2" } }, /network.ip cannot be/],
  ])("%s", async (_, change, said) => {
    await expect(plan(MACHINE, undefined, machine(change))).rejects.toThrow(said);
  });

  test("a mesh over nodes that cannot be", async () => {
    const mesh = plan(NETWORK, undefined, named({ nodes: [1, 1.5], hosts: { a: 0 } }));
    await expect(mesh).rejects.toThrow(/hosts\.a cannot be 0.*nodes\[1\] cannot be 1\.5/s);
  });
});

test("a placement takes findings that come and go, as Terraform demands of attributes that users set", async () => {
  const node = { node_id: 1, twin_id: 2, farm_id: 1, farm_name: "f", country: "Belgium", city: "Ghent", region: "" };
  const proposals = { a: { ...node, certified: true, public_ipv4: "", public_ipv6: "", domain: "", features: [] } };
  const block = { requests: { a: { cpu: 1 } }, proposals };
  const { actions } = await live("threefold_placement", block, { ...block, findings: { b: "why" } }, block);
  expect(actions).toEqual(["create", "update", "update"]);
});

describe("a node that is down while the plan is made and back for the apply", () => {
  test("makes no liar of a machine's plan", async () => {
    const { stored } = await live(MACHINE, machine());
    const block = machine({ allow_data_loss: true });
    grid.nodes.get(1)?.setOnline(false);
    const change = await plan(MACHINE, stored, block);
    expect([change.action, change.prior?.state.status]).toEqual(["update", "unreachable"]);
    grid.nodes.get(1)?.setOnline(true);
    expect((await apply(MACHINE, change, block)).state.status).toBe("ok");
  });

  test("makes no liar of a mesh's plan, and is left alone where nothing changes for it", async () => {
    const { stored } = await live(NETWORK, named({ nodes: [1, 2], hosts: {} }));
    const block = named({ nodes: [1, 2], hosts: { a: 1 } });
    grid.nodes.get(2)?.setOnline(false);
    const change = await plan(NETWORK, stored, block);
    grid.nodes.get(2)?.setOnline(true);
    const served = grid.stats().nodes[2]?.writes;
    const { state } = await apply(NETWORK, change, block);
    expect(state.members).toEqual(change.planned.members);
    expect(grid.stats().nodes[2]?.writes).toBe(served);
  });
});

test("a node that goes down after the plan does not fail a mesh whose members stay as they are", async () => {
  const { stored } = await live(NETWORK, named({ nodes: [1, 2], hosts: {} }));
  const block = named({ nodes: [1, 2], hosts: { a: 1 } });
  const change = await plan(NETWORK, stored, block);
  grid.nodes.get(2)?.setOnline(false);
  try {
    expect((await apply(NETWORK, change, block)).state.addresses).toEqual({ a: expect.stringMatching(/^10\.20\./) });
  } finally {
    grid.nodes.get(2)?.setOnline(true);
  }
});
