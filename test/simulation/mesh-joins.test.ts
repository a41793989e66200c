/** A node that joins a mesh changes the peers of the others, and nothing else: no key, port or address, no machine, no laptop's file. */
import { meshAccess, requireMesh } from "../../lib/cli/access/mesh-access";
import { Secret } from "../../lib/core/secret";
import { readPrivate } from "../../lib/provider/server/calls/private-data";
import { joined, machine, mesh, PROJECT, stack } from "../support/grid-stack";
import { Lab } from "../support/simulation/lab";
import type { SimulatedTerraform, StackConfig } from "../support/simulation/simulated-terraform";

const MESH = "threefold_network.mesh";

/** Two with public addresses, a hidden one, one that is reached by IPv6 only. */
const NODES = [2, 4, 3, 6];

const LIGHT = 7;

let lab: Lab;
let terraform: SimulatedTerraform;

beforeEach(async () => {
  lab = await Lab.open();
  terraform = lab.terraform();
});
afterEach(() => lab?.close());

/** The mesh with a machine on each node, and a laptop that dials in. */
function meshOver(nodes: readonly number[]): StackConfig {
  const machines = nodes.map((node) => [
    `m${node}`,
    machine(node, { name: `m${node}`, network: joined(`m${node}`), light: node === LIGHT }),
  ]);
  return stack(PROJECT, {
    threefold_network: {
      mesh: mesh(Object.fromEntries(nodes.map((node) => [`m${node}`, node])), { access: ["laptop"] }),
    },
    threefold_virtual_machine: Object.fromEntries(machines),
  });
}

type Peer = Readonly<Record<string, unknown>>;

/** What stands on the grid, contract by contract: peers apart from everything else. */
function onGrid() {
  const all = lab.deployments().map(({ nodeId, contractId, workloads }) => {
    const [first] = workloads;
    const { peers, ...others } = (first?.data ?? {}) as { readonly peers?: readonly Peer[] };
    return { contractId, nodeId, type: first?.type, others, workloads: workloads.length, peers };
  });
  return new Map(all.map((each) => [each.contractId, each]));
}

/** The mesh as the state has it; its members without what a change of their peers changes. */
function inState() {
  const attributes = terraform.store.state.get(MESH)?.object.state as Readonly<Record<string, unknown>>;
  const members = Object.entries(attributes.members as Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  return {
    addresses: attributes.addresses as Readonly<Record<string, string>>,
    access: attributes.access_points,
    members: Object.fromEntries(members.map(([node, { deployment_hash: _, ...kept }]) => [node, kept])),
  };
}

/** The file that `threefold access mesh laptop` prints. */
function laptop(): string {
  const object = terraform.store.state.get(MESH)?.object;
  if (!object) throw new Error("there is no mesh in the state");
  const found = { type: "threefold_network", attributes: object.state, private: readPrivate(object.private) };
  const shop = { title: "shop", folder: ".", provider: {}, objects: [found] };
  return meshAccess(requireMesh([shop], "mesh"), "laptop", new Secret(lab.seed)).config.reveal();
}

/** Machines by contract, with what changes whenever anybody touches them. */
function machines() {
  return lab
    .deployments()
    .filter(({ workloads }) => workloads.some(({ type }) => type.startsWith("zmachine")))
    .map(({ contractId, header, workloads }) => ({ contractId, header, workloads }));
}

test.each([
  ["with a public address of the lowest number", 1],
  ["with another public address", 5],
  ["hidden", 9],
  ["light", LIGHT],
])("a node that joins %s", async (_, node) => {
  const apply = (config: StackConfig) => lab.run(() => terraform.apply(config));
  expect((await apply(meshOver(NODES))).errors).toEqual([]);
  const before = { grid: onGrid(), state: inState(), laptop: laptop(), machines: machines() };

  const { actions, errors } = await apply(meshOver([...NODES, node]));
  expect(errors).toEqual([]);
  expect(actions).toEqual({ [MESH]: "update", [`threefold_virtual_machine.m${node}`]: "create" });

  const grid = onGrid();
  for (const [contractId, { peers: formerPeers = [], ...former }] of before.grid) {
    const { peers = [], ...now } = grid.get(contractId) ?? {};
    expect(now).toEqual(former);
    // A peer that was there stays, with its key and its address; a hidden newcomer is reached through one of them.
    for (const { allowed_ips: allowed, ...peer } of formerPeers) {
      const kept = (peers as readonly Peer[]).find(
        ({ wireguard_public_key: key }) => key === peer.wireguard_public_key,
      );
      expect(kept).toEqual({ ...peer, allowed_ips: expect.arrayContaining(allowed as string[]) });
    }
  }
  expect(grid.size).toBeGreaterThan(before.grid.size);
  const state = inState();
  expect(state.members).toMatchObject(before.state.members);
  expect(state.addresses).toMatchObject(before.state.addresses);
  expect(state.access).toEqual(before.state.access);
  expect(laptop()).toBe(before.laptop);
  expect(machines()).toEqual(expect.arrayContaining(before.machines));
  expect((await lab.run(() => terraform.plan(meshOver([...NODES, node])))).actions).toEqual({});
});
