/**
 * Nodes that die under something that need not wait for them: it is made anew on another node, the mesh goes with it, and
 * nothing goes back. What waits for its node, and what nobody can be sure of, stays.
 */
import { dedicatedNode, joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";
import type { Block } from "../support/rpc-driver";
import { Lab } from "../support/simulation/lab";
import type { SimulatedTerraform, StackConfig } from "../support/simulation/simulated-terraform";

const PLACEMENT = "threefold_placement.here";
const MESH = "threefold_network.mesh";
const WEB = "threefold_virtual_machine.web";
const DB = "threefold_zdb.db";

let lab: Lab;
let terraform: SimulatedTerraform;

beforeEach(async () => {
  lab = await Lab.open();
  terraform = lab.terraform();
});
afterEach(() => lab?.close());

const nodeFor = (key: string) => `\${threefold_placement.here.nodes["${key}"].node_id}`;

/** Where things may be: the machine on node 1 or 2, which have the same to offer, the store on 5 or 4, another machine on 4. */
const REQUESTS = {
  web: { memory_mib: 512, ssd_gib: 1, features: ["zmachine", "network"], country: "Belgium", certified: true },
  db: { hdd_gib: 5, country: "Germany" },
  api: { memory_mib: 512, node_id: 4 },
};

/** A machine that people dial and a store, both of which may move, and another machine in the same mesh. */
function shop(change: { readonly web?: Block; readonly db?: Block; readonly storeGib?: number } = {}): StackConfig {
  const movable = { on_node_down: "replace" };
  const requests = {
    api: REQUESTS.api,
    db: { ...REQUESTS.db, ...movable, ...change.db },
    web: { ...REQUESTS.web, ...movable, ...change.web },
  };
  const found = (name: string) => `\${data.threefold_candidates.here.${name}}`;
  const looked = { proposals: found("proposals"), findings: found("findings"), down: found("down") };
  const hosts = { web: nodeFor("web"), api: nodeFor("api") };
  const disks = [{ size_gib: 1, mount_point: "/data" }];
  return {
    data: { threefold_candidates: { here: { requests, project: "shop" } } },
    ...stack(PROJECT, {
      threefold_placement: { here: { requests, ...looked } },
      threefold_network: { mesh: mesh({}, { hosts, access: ["laptop"] }) },
      threefold_virtual_machine: {
        web: machine(0, { node_id: nodeFor("web"), disks, network: joined("web") }),
        api: machine(0, { name: "api", node_id: nodeFor("api"), network: joined("api") }),
      },
      threefold_zdb: { db: zdb(0, { node_id: nodeFor("db"), size_gib: change.storeGib ?? 5 }) },
    }),
  };
}

const apply = (config: StackConfig) => lab.run(() => terraform.apply(config));
const plan = (config: StackConfig) => lab.run(() => terraform.plan(config));
const attributesOf = (address: string) => terraform.store.state.get(address)?.object.state ?? {};
const nodeOf = (address: string) => attributesOf(address).node_id;
const setOffline = (nodeId: number, isOffline = true) => lab.control("dev.setNodeOffline", nodeId, isOffline);
const contractsOn = (nodeId: number) =>
  lab.grid.chain.listContracts().filter((contract) => contract.kind === "node" && contract.nodeId === nodeId).length;

/** Public keys of the peers of the network on each node; none where there is no network. */
function peersOn(nodeId: number): readonly string[] {
  return lab.deployments().flatMap((deployment) => {
    if (deployment.nodeId !== nodeId) return [];
    const networks = deployment.workloads.filter(({ type }) => type === "network");
    return networks.flatMap(({ data }) =>
      ((data as { peers?: { wireguard_public_key: string }[] }).peers ?? []).map((peer) => peer.wireguard_public_key),
    );
  });
}

const keyOf = (nodeId: number) =>
  (attributesOf(MESH).members as Record<string, { public_key: string }>)[String(nodeId)]?.public_key;

/** A node that is back, with everything done that it does on its own. */
async function bringBack(nodeId: number): Promise<void> {
  await setOffline(nodeId, false);
  await lab.pass(60_000);
  await lab.control("dev.awaitNodes");
}

async function expectSettled(config: StackConfig): Promise<void> {
  const again = await plan(config);
  expect([again.errors, again.actions]).toEqual([[], {}]);
}

test("a machine leaves a node that is down, and the mesh with it; when the node is back everything stays", async () => {
  expect((await apply(shop())).errors).toEqual([]);
  expect([nodeOf(WEB), nodeOf(DB)]).toEqual([1, 5]);
  await expectSettled(shop());

  await setOffline(1);
  const { errors, actions, said } = await apply(shop());
  expect(errors).toEqual([]);
  expect(actions).toEqual({ [PLACEMENT]: "update", [MESH]: "update", [WEB]: "replace" });
  const [warning] = said.filter(({ summary }) => summary === '"web" moves from node 1, which is down, to node 2');
  expect(warning?.detail).toMatch(
    /disks, volumes, root filesystem or in its store is lost.*deleted when it comes back/,
  );
  expect([nodeOf(WEB), nodeOf(DB), contractsOn(1)]).toEqual([2, 5, 0]);
  expect(attributesOf(WEB)).toMatchObject({ status: "ok" });
  expect(Object.keys(attributesOf(MESH).members as object)).toEqual(["2", "4"]);
  expect(attributesOf(MESH)).toMatchObject({ leaving: {}, access_points: { laptop: { node_id: 2 } } });
  expect(peersOn(4)).toContain(keyOf(2));
  expect(peersOn(2)).toContain(keyOf(4));
  expect(peersOn(4)).toHaveLength(1);
  await expectSettled(shop());

  await bringBack(1);
  expect(lab.deployments().filter(({ nodeId }) => nodeId === 1)).toEqual([]);
  await expectSettled(shop());
  expect(nodeOf(WEB)).toBe(2);
  expect(lab.differences([terraform.store.state])).toEqual([]);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  expect(lab.isLittered()).toBe(false);
});

test("a store leaves a node that is down, and the plan says that what it held is lost", async () => {
  await apply(shop());
  await setOffline(5);
  const { actions, said } = await plan(shop());
  expect(actions).toEqual({ [PLACEMENT]: "update", [DB]: "replace" });
  expect(said.map(({ summary }) => summary)).toContain('"db" moves from node 5, which is down, to node 4');
  expect((await apply(shop())).errors).toEqual([]);
  expect([nodeOf(DB), contractsOn(5)]).toEqual([4, 0]);
  await expectSettled(shop());
});

test.each<[string, () => Promise<unknown>, StackConfig]>([
  ["waits for its node", () => setOffline(1), shop({ web: { on_node_down: "keep" } })],
  [
    "is on a node that went silent just now",
    async () => {
      await lab.control("dev.setDirectoryStale");
      await setOffline(1);
    },
    shop(),
  ],
  [
    "cannot be asked for, as the relay is out of reach",
    async () => {
      await setOffline(1);
      await lab.control("dev.setDown", "relay");
    },
    shop(),
  ],
  [
    "is missed by a directory that is out of reach itself",
    async () => {
      await setOffline(1);
      await lab.control("dev.setDown", "directory");
    },
    shop(),
  ],
  [
    "could only go to a node that does not answer",
    async () => {
      await setOffline(1);
      await lab.control("dev.setNodeAnswers", 2, { isSilent: true });
    },
    shop(),
  ],
])("a machine that %s stays where it is", async (_, happen, config) => {
  await apply(config);
  await happen();
  const { errors, actions } = await plan(config);
  expect([errors, actions]).toEqual([[], {}]);
});

test("a machine with nowhere to go stays, with a warning, and does not stand in the way of others", async () => {
  const nowhere = { exclude: [2] };
  await apply(shop({ web: nowhere }));
  await setOffline(1);
  const { errors, actions, said } = await apply(shop({ web: nowhere, storeGib: 6 }));
  expect([errors, actions]).toEqual([[], { [DB]: "update" }]);
  const [warning] = said.filter(({ summary }) => summary === '"web" stays on node 1, which is down');
  expect(warning?.detail).toMatch(/^It would move to another one, but: of \d+ nodes none fits: /);
  await expectSettled(shop({ web: nowhere, storeGib: 6 }));
});

test("what has begun to mind is not moved by nodes that were down earlier", async () => {
  const db = { country: "Belgium", exclude: [2] };
  const waiting = { db: { ...db, on_node_down: "keep" } };
  await apply(shop({ web: { exclude: [2] }, ...waiting }));
  await setOffline(1);
  await apply(shop(waiting));
  expect([nodeOf(WEB), nodeOf(DB), attributesOf(PLACEMENT).down]).toEqual([2, 1, [1]]);
  await bringBack(1);
  const { errors, actions } = await apply(shop({ db }));
  expect([errors, actions, nodeOf(DB)]).toEqual([[], { [PLACEMENT]: "update" }, 1]);
  await expectSettled(shop({ db }));
});

test("a rented node that is down is given up for another, with what is on it", async () => {
  const requests = { own: { rentable: true, country: "Finland", on_node_down: "replace" } };
  const found = (name: string) => `\${data.threefold_candidates.here.${name}}`;
  const rented = {
    data: { threefold_candidates: { here: { requests, project: "shop" } } },
    ...stack(PROJECT, {
      threefold_placement: { here: { requests, proposals: found("proposals"), down: found("down") } },
      threefold_dedicated_node: { own: dedicatedNode(0, { node_id: nodeFor("own") }) },
      threefold_virtual_machine: { web: machine(0, { node_id: "${threefold_dedicated_node.own.node_id}" }) },
    }),
  };
  expect((await apply(rented)).errors).toEqual([]);
  const from = Number(nodeOf(WEB));
  await setOffline(from);
  expect((await apply(rented)).errors).toEqual([]);
  expect(nodeOf(WEB)).not.toBe(from);
  await expectSettled(rented);
  await bringBack(from);
  expect(lab.differences([terraform.store.state])).toEqual([]);
});

test.each([1, 80, 160, 240, 320, 400])("a move that is killed at moment %i is finished by the next run", async (at) => {
  await apply(shop());
  await setOffline(1);
  await lab.run(() => terraform.apply(shop(), { walk: "apply", at, stroke: "kill" }));
  expect((await apply(shop())).errors).toEqual([]);
  expect([nodeOf(WEB), contractsOn(1)]).toEqual([2, 0]);
  await expectSettled(shop());
  await bringBack(1);
  expect(lab.differences([terraform.store.state])).toEqual([]);
});
