/**
 * Nodes that are off, one or all of them: they hold nobody up. A refresh warns and keeps what it knows, what lives can be
 * changed, a mesh goes on without them and makes up for it when they are back, and a destroy needs the chain alone.
 */
import { gatewayFqdn, gatewayName, joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";
import { Lab } from "../support/simulation/lab";
import type { RunResult, SimulatedTerraform, StackConfig } from "../support/simulation/simulated-terraform";

/** Nodes of the shop: the first three can be dialled, the last is hidden behind the first. */
const NODES: readonly number[] = [1, 2, 4, 3];
const HIDDEN = 3;
const ALSO_HIDDEN = 9;
/** A node that joins later. */
const FAR = 5;
const MESH = "threefold_network.mesh";
const machineOn = (node: number) => `threefold_virtual_machine.m${node}`;

let lab: Lab;
let terraform: SimulatedTerraform;

beforeAll(async () => {
  lab = await Lab.open();
});
beforeEach(async () => {
  lab = await lab.anew();
  terraform = lab.terraform();
});
afterAll(() => lab?.close());

interface Shop {
  readonly nodes?: readonly number[];
  /** Processors of the machine on each node. @default 1 */
  readonly cpu?: Readonly<Record<number, number>>;
}

/** A machine in one mesh on each node, and a store on those of the first farm. */
function shop({ nodes = NODES, cpu = {} }: Shop = {}): StackConfig {
  const hosts = Object.fromEntries(nodes.map((node) => [`m${node}`, node]));
  const machines = nodes.map((node) => {
    const name = `m${node}`;
    return [name, machine(node, { name, cpu: cpu[node] ?? 1, network: joined(name) })] as const;
  });
  const stores = nodes
    .filter((node) => node <= 4 && node !== HIDDEN)
    .map((node) => [`s${node}`, zdb(node, { name: `s${node}` })] as const);
  return stack(PROJECT, {
    threefold_network: { mesh: mesh(hosts) },
    threefold_virtual_machine: Object.fromEntries(machines),
    threefold_zdb: Object.fromEntries(stores),
  });
}

const plan = (config: StackConfig) => lab.run(() => terraform.plan(config));
const attributesOf = (address: string) => terraform.store.state.get(address)?.object.state ?? {};
const membersOf = () => attributesOf(MESH).members as Record<string, Record<string, unknown>>;
const memberStatus = () => Object.fromEntries(Object.entries(membersOf()).map(([node, { status }]) => [node, status]));

async function apply(config: StackConfig): Promise<RunResult> {
  const result = await lab.run(() => terraform.apply(config));
  expect(result.errors).toEqual([]);
  return result;
}

async function switchOff(nodes: Iterable<number>): Promise<void> {
  for (const node of nodes) await lab.control("dev.setNodeOffline", node);
}

/** Nodes that are back, with everything done that they do on their own. */
async function bringBack(nodes: Iterable<number>): Promise<void> {
  for (const node of nodes) await lab.control("dev.setNodeOffline", node, false);
  await lab.pass(60_000);
  await lab.control("dev.awaitNodes");
}

const SERVICES = ["relay", "directory", "graphql", "kyc", "dns"] as const;

async function setDown(isDown: boolean): Promise<void> {
  for (const service of SERVICES) await lab.control("dev.setDown", service, isDown);
}

async function expectSettled(config: StackConfig): Promise<void> {
  const { errors, actions } = await plan(config);
  expect([errors, actions]).toEqual([[], {}]);
  expect(lab.differences([terraform.store.state])).toEqual([]);
}

/** What state knows of every object, but how it is. */
function known(): Record<string, unknown> {
  const plain = (state: object) => JSON.parse(JSON.stringify(state, (name, value) => (name === "status" ? "" : value)));
  return Object.fromEntries([...terraform.store.state].map(([address, { object }]) => [address, plain(object.state)]));
}

/** How many peers the network on each node has: a hidden one dials the node it is hidden behind, and nobody dials it. */
function peers(): Record<string, number> {
  return Object.fromEntries(
    lab
      .deployments()
      .flatMap(({ nodeId, workloads }) =>
        workloads.flatMap(({ type, data }) =>
          type === "network" ? [[nodeId, (data as { peers: unknown[] }).peers.length]] : [],
        ),
      ),
  );
}

test.each<readonly [string, readonly number[]]>([
  ["one node", [4]],
  ["the node that another is hidden behind", [1]],
  ["all nodes but one", [1, 4, HIDDEN]],
])("while %s of four is off, the rest goes on; what is off is made up for, and ends without it", async (_, off) => {
  const living = NODES.filter((node) => !off.includes(node));
  await apply(shop());
  const before = known();
  await switchOff(off);

  // A refresh warns and keeps what it knows.
  const found = await plan(shop());
  expect([found.errors, found.actions, known()]).toEqual([[], {}, before]);
  for (const node of off) {
    expect(attributesOf(machineOn(node)).status).toBe("unreachable");
    expect(found.warnings).toEqual(
      expect.arrayContaining([
        `virtual machine m${node}: node ${node} does not answer`,
        `network mesh on node ${node}: node ${node} does not answer`,
      ]),
    );
  }

  // What lives changes, and the mesh grows without what is off.
  const grown = shop({ nodes: [...NODES, FAR], cpu: Object.fromEntries(living.map((node) => [node, 2])) });
  const { actions } = await apply(grown);
  expect(actions).toEqual({
    [MESH]: "update",
    [machineOn(FAR)]: "create",
    ...Object.fromEntries(living.map((node) => [machineOn(node), "update"])),
  });
  expect(memberStatus()).toEqual({
    ...Object.fromEntries([...living, FAR].map((node) => [node, "ok"])),
    ...Object.fromEntries(off.map((node) => [node, "unsynced"])),
  });
  const again = await plan(grown);
  expect([again.errors, again.actions]).toEqual([[], {}]);

  // Once it is back, the mesh is whole with the next apply.
  await bringBack(off);
  expect((await apply(grown)).actions).toEqual({ [MESH]: "update" });
  expect(peers()).toEqual({ 1: 4, 2: 3, 4: 3, [FAR]: 3, [HIDDEN]: 1 });
  await expectSettled(grown);

  // The end needs the chain alone, and the node that comes back clears up.
  await switchOff(off);
  await setDown(true);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  expect(lab.grid.chain.listContracts()).toEqual([]);
  await setDown(false);
  await bringBack(off);
  expect(lab.isLittered()).toBe(false);
});

test("hidden members of a dead access node are changed without it, and dial another one when it leaves", async () => {
  const hidden = [HIDDEN, ALSO_HIDDEN];
  const accessNodes = () => hidden.map((node) => membersOf()[String(node)]?.access_node);
  await apply(shop({ nodes: [1, 2, ...hidden] }));
  await switchOff([1]);

  const stronger = { [HIDDEN]: 2, [ALSO_HIDDEN]: 2 };
  const { actions } = await apply(shop({ nodes: [1, 2, FAR, ...hidden], cpu: stronger }));
  expect(actions).toMatchObject(Object.fromEntries(hidden.map((node) => [machineOn(node), "update"])));
  expect(memberStatus()).toEqual({ 1: "unsynced", 2: "ok", [FAR]: "ok", [HIDDEN]: "ok", [ALSO_HIDDEN]: "ok" });
  expect(accessNodes()).toEqual([1, 1]);

  const without = shop({ nodes: [2, FAR, ...hidden], cpu: stronger });
  await apply(without);
  expect(accessNodes()).toEqual([2, 2]);
  expect(
    lab.grid.chain.listContracts().filter((contract) => contract.kind === "node" && contract.nodeId === 1),
  ).toEqual([]);
  await bringBack([1]);
  expect(peers()).toEqual({ 2: 3, [FAR]: 1, [HIDDEN]: 1, [ALSO_HIDDEN]: 1 });
  await expectSettled(without);
});

describe("while relay, directory, DNS and every node are down", () => {
  /** Each dead service may hold a destroy up for some seconds, once. The chain's own time is not counted: blocks come at once. */
  const DESTROY_MS = 15_000;
  /** 0.01 TFT: shown as nothing everywhere, and enough for the fees of a few transactions. */
  const JUST_THE_FEES = 100_000;
  const WEB = [1, 2, 4];

  /** A stack as constructs write it: placement fed by the directory, a mesh over three nodes, machines, gateways and a zdb. */
  function wholeStack(): StackConfig {
    const requests = { db: { hdd_gib: 5 } };
    const { resource } = stack(shop({ nodes: WEB }).resource, {
      threefold_placement: { here: { requests, proposals: "${data.threefold_candidates.here.proposals}" } },
      threefold_gateway_name: { www: gatewayName(1) },
      threefold_gateway_fqdn: { www: gatewayFqdn(1) },
      threefold_zdb: { db: zdb(0, { node_id: '${threefold_placement.here.nodes["db"].node_id}' }) },
    });
    return { resource, data: { threefold_candidates: { here: { requests } } } };
  }

  const account = () => `0x${Buffer.from(lab.grid.chain.getTwin(1)?.accountId ?? []).toString("hex")}`;
  const everyNode = () => [...lab.grid.nodes.keys()];

  /** Takes everything down but the chain, destroys, and brings everything back. Gives the simulated time it took. */
  async function destroyed(balance?: number): Promise<number> {
    await switchOff(everyNode());
    await setDown(true);
    if (balance !== undefined) await lab.control("dev.setBalance", account(), balance);
    const start = lab.world.now;
    expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
    const ms = lab.world.now - start;
    expect(lab.grid.chain.listContracts()).toEqual([]);
    await setDown(false);
    await bringBack(everyNode());
    return ms;
  }

  let slow: Lab;

  beforeEach(async () => {
    slow = lab;
    lab = await Lab.open({ blockMs: "instant" }, slow.world);
    terraform = lab.terraform();
    await lab.control("dev.setDns", "www.example.org", ["185.206.122.31"]);
  });
  afterEach(async () => {
    await lab.close();
    lab = slow;
  });

  test("a whole stack is destroyed in less than 15 s", async () => {
    await apply(wholeStack());
    expect(await destroyed()).toBeLessThan(DESTROY_MS);
    expect(lab.isLittered()).toBe(false);
  });

  test("one made by half is destroyed in less than 15 s with next to nothing on the account", async () => {
    await lab.control("dev.failNode", 1, { workloadType: "zmachine", message: "no kernel" });
    const { errors } = await lab.run(() => terraform.apply(wholeStack()));
    expect(errors.join()).toContain("no kernel");
    expect(lab.grid.chain.listContracts().length).toBeGreaterThan(3);
    expect(await destroyed(JUST_THE_FEES)).toBeLessThan(DESTROY_MS);
    expect(lab.isLittered()).toBe(false);
  });
});

test("a node that falls silent after it has said that it knows the deployment is called silent, and has refused nothing", async () => {
  const node = 5;
  await lab.control("dev.setWireFaults", "relay", { seed: 1, delayMs: 300 });
  await lab.control("dev.failNode", node, { command: "zos.deployment.deploy", message: "exists" });
  const { clock } = lab.world;
  const goesSilent = async () => {
    while (lab.grid.nodes.get(node)?.counters.writes === 0) await clock.sleep(100);
    // Its answer is on the way, and the question that follows it is not.
    await clock.sleep(200);
    await lab.grid.control("dev.setNodeOffline", node);
  };
  const store = stack(PROJECT, { threefold_zdb: { far: zdb(node, { name: "far" }) } });
  const [{ errors }] = await lab.run(() => Promise.all([terraform.apply(store), lab.world.as(undefined, goesSilent)]));
  expect(errors).toEqual([expect.stringMatching(/Node 5 did not answer.*was cancelled.*TFG_NODE_UNREACHABLE/s)]);
  expect(lab.grid.chain.listContracts()).toEqual([]);
});
