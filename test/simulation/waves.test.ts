/** How many extrinsics and blocks a stack takes, counted by the chain: with the official provider each contract is one of its own. */
import { joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";
import { Lab } from "../support/simulation/lab";
import type { StackConfig } from "../support/simulation/simulated-terraform";
import { widePark } from "../support/simulation/wide-park";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ nodes: await widePark(50) });
});
afterAll(() => lab?.close());

const nodesUpTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** A mesh over so many nodes with a machine on each. */
function machines(count: number): StackConfig {
  const nodes = nodesUpTo(count);
  return stack(PROJECT, {
    threefold_network: { mesh: mesh(Object.fromEntries(nodes.map((node) => [`m${node}`, node]))) },
    threefold_virtual_machine: Object.fromEntries(
      nodes.map((node) => [`m${node}`, machine(node, { name: `m${node}`, network: joined(`m${node}`) })]),
    ),
  });
}

/** What it took, in the order of the work. */
async function cost(work: () => Promise<{ readonly errors: readonly string[] }>) {
  const perBlock = () => lab.grid.chain.stats.extrinsicsPerBlock;
  const [extrinsics, blocks] = [lab.extrinsics(), perBlock().filter((count) => count > 0).length];
  const { errors } = await lab.run(work);
  expect(errors).toEqual([]);
  return {
    extrinsics: lab.extrinsics() - extrinsics,
    blocks: perBlock().filter((count) => count > 0).length - blocks,
  };
}

test("ten machines on a mesh of ten nodes, an eleventh, and their end, ten at a time", async () => {
  const terraform = lab.terraform();
  const created = await cost(() => terraform.apply(machines(10)));
  expect(created.extrinsics).toBeLessThanOrEqual(3);
  expect(created.blocks).toBeLessThanOrEqual(3);

  const joinedCost = await cost(() => terraform.apply(machines(11)));
  expect(joinedCost.extrinsics).toBeLessThanOrEqual(2);

  // Machines in two waves of ten, since there are eleven; then the mesh.
  const destroyed = await cost(() => terraform.destroy());
  expect(destroyed.extrinsics).toBeLessThanOrEqual(3);
  expect(lab.isLittered()).toBe(false);
  process.stderr.write(`${JSON.stringify({ created, joinedCost, destroyed })}\n`);
});

test("fifty namespaces on fifty nodes with parallelism raised, as threefold deploy does", async () => {
  const terraform = lab.terraform({ parallelism: 256 });
  const stores = stack(PROJECT, {
    threefold_zdb: Object.fromEntries(nodesUpTo(50).map((node) => [`db${node}`, zdb(node, { name: `db${node}` })])),
  });
  const created = await cost(() => terraform.apply(stores));
  expect(created.extrinsics).toBeLessThanOrEqual(2);
  const destroyed = await cost(() => terraform.destroy());
  expect(destroyed.extrinsics).toBe(1);
  expect(lab.isLittered()).toBe(false);
  process.stderr.write(`${JSON.stringify({ created, destroyed })}\n`);
});
