/** How many extrinsics and blocks a stack takes, counted by the chain: with the official provider each contract is one of its own. */
import { machinesOnMesh, namespaces } from "../support/grid-stack";
import { Lab } from "../support/simulation/lab";
import { widePark } from "../support/simulation/wide-park";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ nodes: await widePark(50) });
});
afterAll(() => lab?.close());

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
  const created = await cost(() => terraform.apply(machinesOnMesh(10)));
  expect(created.extrinsics).toBeLessThanOrEqual(3);
  expect(created.blocks).toBeLessThanOrEqual(3);

  const joinedCost = await cost(() => terraform.apply(machinesOnMesh(11)));
  expect(joinedCost.extrinsics).toBeLessThanOrEqual(2);

  // Machines in two waves of ten, since there are eleven; then the mesh.
  const destroyed = await cost(() => terraform.destroy());
  expect(destroyed.extrinsics).toBeLessThanOrEqual(3);
  expect(lab.isLittered()).toBe(false);
  process.stderr.write(`${JSON.stringify({ created, joinedCost, destroyed })}\n`);
});

test("the same while messages take long and unequal times to nodes that are far away", async () => {
  lab = await lab.anew();
  await lab.control("dev.setWireFaults", "relay", { seed: 1, delayMs: 50, jitterMs: 150 });
  const terraform = lab.terraform();
  expect((await cost(() => terraform.apply(machinesOnMesh(10)))).extrinsics).toBe(2);
  expect((await cost(() => terraform.apply(machinesOnMesh(11)))).extrinsics).toBe(2);
  expect((await cost(() => terraform.destroy())).extrinsics).toBe(3);
  expect(lab.isLittered()).toBe(false);
});

test("fifty namespaces on fifty nodes with parallelism raised, as threefold deploy does", async () => {
  const terraform = lab.terraform({ parallelism: 256 });
  const stores = namespaces(50);
  const created = await cost(() => terraform.apply(stores));
  expect(created.extrinsics).toBeLessThanOrEqual(2);
  const destroyed = await cost(() => terraform.destroy());
  expect(destroyed.extrinsics).toBe(1);
  expect(lab.isLittered()).toBe(false);
  process.stderr.write(`${JSON.stringify({ created, destroyed })}\n`);
});
