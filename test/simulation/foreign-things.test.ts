/**
 * What others own is left alone, however much it looks like ours: things of the same names under another state of this
 * account, under another account whose keys are derived from the same secret, and of a client that knows no stamps.
 */

import {
  type Block,
  dedicatedNode,
  deployment,
  gatewayFqdn,
  gatewayName,
  machine,
  mesh,
  PROJECT,
  type Resources,
  stack,
  zdb,
} from "../support/grid-stack";
import { Dice } from "../support/plan-truth/dice";
import { type SecondClient, secondClient } from "../support/second-client";
import { Lab } from "../support/simulation/lab";
import type { SimulatedTerraform } from "../support/simulation/simulated-terraform";

const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1);
const NODES = [1, 2] as const;
const volume = (sizeGib: number) => [{ name: "store", type: "volume", data: { size: sizeGib * 2 ** 30 } }];

/** Each kind of object, under the names that others have theirs under. */
const KINDS: Readonly<Record<string, (nodeId: number, size: number, name?: string) => Block>> = {
  threefold_zdb: (nodeId, size, name = "db") => zdb(nodeId, { size_gib: size, name }),
  threefold_virtual_machine: (nodeId, size, name = "web") => machine(nodeId, { cpu: size, name }),
  threefold_deployment: (nodeId, size, name = "raw") => deployment(nodeId, volume(size), { name }),
  threefold_network: (nodeId, size, name = "mesh") =>
    mesh({ web: nodeId }, { name, ip_range: `10.${20 + size}.0.0/16` }),
  threefold_gateway_fqdn: (nodeId, size, name = "www") =>
    gatewayFqdn(nodeId, { name, backends: [`http://185.206.122.100:${8080 + size}`] }),
  threefold_dedicated_node: (nodeId, _, name = "own") => dedicatedNode(10 + nodeId, { name }),
};

/** One of each kind as others have them. No two rent a node, or have a domain on one. */
function everyKind(rented: number, fqdn: string): Resources {
  const all = Object.entries(KINDS).map(([type, block]) => [type, { it: block(1, 1) }]);
  return {
    ...Object.fromEntries(all),
    threefold_gateway_fqdn: { it: gatewayFqdn(1, { fqdn }) },
    threefold_dedicated_node: { it: dedicatedNode(rented) },
  };
}

let lab: Lab;
let neighbour: SimulatedTerraform;
let stranger: SimulatedTerraform;
let client: SecondClient;
let foreign: ReadonlySet<number>;
let before: unknown;

const contracts = () => lab.grid.chain.listContracts();

/** Everything that others have, on the chain and on nodes, in all detail. */
function picture(): unknown {
  return JSON.parse(
    JSON.stringify(
      {
        contracts: contracts().filter(({ contractId }) => foreign.has(contractId)),
        deployments: lab.deployments().filter(({ contractId }) => foreign.has(contractId)),
      },
      (_, value) => (typeof value === "bigint" ? String(value) : value),
    ),
  );
}

beforeAll(async () => {
  lab = await Lab.open();
  stranger = lab.terraform({ provider: { ...lab.provider, key_type: "sr25519" } });
  neighbour = lab.terraform();
  const nodeIps = [1, 2].map((id) => lab.grid.nodes.get(id)?.snapshot().endpoint.publicConfig?.ip4.split("/")[0] ?? "");
  for (const host of ["www", "stranger", "neighbour"]) await lab.control("dev.setDns", `${host}.example.org`, nodeIps);
  const theirs = stack(PROJECT, everyKind(9, "stranger.example.org"), {
    threefold_gateway_name: { it: gatewayName(1) },
  });
  expect((await lab.run(() => stranger.apply(theirs))).errors).toEqual([]);
  const beside = stack({ threefold_project: { main: { name: "stall" } } }, everyKind(10, "neighbour.example.org"));
  expect((await lab.run(() => neighbour.apply(beside))).errors).toEqual([]);
  const run = <T>(work: () => Promise<T>) => lab.run(() => lab.world.as(undefined, work));
  client = await run(() => secondClient(lab.grid, undefined, "ed25519"));
  const labels = ["zdb db", "vm web", "deployment raw", "network mesh", "gateway-fqdn www"].map((text) =>
    text.split(" "),
  );
  await run(async () => {
    await (await client.clients.chain()).submit(
      labels.map(([type, name], index) => ({
        kind: "createNodeContract" as const,
        nodeId: 1,
        deploymentHash: `${index}`.repeat(32),
        deploymentData: JSON.stringify({ version: 3, type, name, projectName: `${type}/${name}` }),
        publicIps: 0,
      })),
    );
  });
  foreign = new Set(contracts().map(({ contractId }) => contractId));
  before = picture();
});
afterAll(async () => {
  if (client) await lab.run(() => lab.world.as(undefined, () => client.close()));
  await lab?.close();
});
afterEach(() => {
  expect(picture()).toEqual(before);
});

test.each(SEEDS)("is neither adopted, changed nor ended by a stack of the same names (seed %i)", async (seed) => {
  const dice = new Dice(seed);
  const terraform = lab.terraform();
  const types = dice.shuffled(Object.keys(KINDS)).slice(0, 1 + dice.below(2));
  const start = draw(dice, types);
  expect((await lab.run(() => terraform.apply(stack(PROJECT, start)))).errors).toEqual([]);
  expect(picture()).toEqual(before);
  if (dice.chance(40)) terraform.taint(`${types[0]}.it`);
  const next = draw(dice, dice.chance(20) ? types.slice(1) : types);
  expect((await lab.run(() => terraform.apply(stack(PROJECT, next)))).errors).toEqual([]);
  expect(picture()).toEqual(before);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  expect(contracts().map(({ contractId }) => contractId)).toEqual([...foreign]);
});

/** The same objects, each at some size, on some node, under its own or another name. */
function draw(dice: Dice, types: readonly string[]): Resources {
  const blockOf = (type: string) =>
    KINDS[type]?.(dice.pick(NODES), 1 + dice.below(2), dice.chance(25) ? "other" : undefined);
  return Object.fromEntries(
    types.map((type) => {
      const lifecycle = dice.chance(25) ? { lifecycle: { create_before_destroy: true } } : {};
      return [type, { it: { ...blockOf(type), ...lifecycle } }];
    }),
  );
}

test("is a name that cannot be had", async () => {
  const terraform = lab.terraform();
  const { errors } = await lab.run(() =>
    terraform.apply(stack(PROJECT, { threefold_gateway_name: { it: gatewayName(2) } })),
  );
  expect(errors).toEqual([expect.stringContaining("TFG_NAME_TAKEN")]);
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
  expect(contracts().map(({ contractId }) => contractId)).toEqual([...foreign]);
});

test.each(Object.keys(KINDS))("is no %s to be imported and then changed", async (type) => {
  const terraform = lab.terraform();
  const address = `${type}.it`;
  const config = stack(PROJECT, { [type]: { it: KINDS[type]?.(1, 2) ?? {} } });
  expect((await lab.run(() => terraform.apply(stack(PROJECT)))).errors).toEqual([]);
  for (const contractId of foreign) {
    const { errors } = await lab.run(() => terraform.import(address, String(contractId)));
    if (errors.length > 0) {
      expect(errors).toEqual([expect.stringContaining("TFG_IMPORT")]);
      continue;
    }
    // Of this account, and of another project: the plan refuses what the import could not know.
    expect((await lab.run(() => terraform.apply(config))).errors).toEqual([expect.stringContaining("TFG_IMPORT")]);
    terraform.remove(address);
  }
  expect((await lab.run(() => terraform.destroy())).errors).toEqual([]);
});
