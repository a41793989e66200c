/**
 * How many extrinsics stacks take with the real Terraform. Exact counts, of destroys too, are in test/simulation/waves.test.ts:
 * here calls of one wave may miss each other where the machine is busy, by less than the bounds allow.
 */
import { type GridProject, startGridProject } from "../support/grid-project";
import { machinesOnMesh, namespaces } from "../support/grid-stack";
import { widePark } from "../support/simulation/wide-park";

let project: GridProject;

beforeAll(async () => {
  project = await startGridProject({ nodes: await widePark(50), blockMs: 1_000 });
});
afterAll(() => project?.close());

/** Extrinsics of a command, and blocks that held any of them. */
async function cost(what: string, work: () => Promise<unknown>) {
  const { stats } = project.grid.chain;
  const filled = () => stats.extrinsicsPerBlock.filter((count) => count > 0).length;
  const before = { extrinsics: project.grid.stats().chain.extrinsics, blocks: filled() };
  await work();
  const extrinsics = project.grid.stats().chain.extrinsics - before.extrinsics;
  const blocks = filled() - before.blocks;
  process.stderr.write(`${what}: ${extrinsics} extrinsics in ${blocks} blocks\n`);
  return { extrinsics, blocks };
}

test("ten machines on a mesh of ten nodes, then an eleventh", async () => {
  project.write(machinesOnMesh(10));
  const created = await cost("ten machines and their mesh", () => project.terraform.apply());
  expect(created.extrinsics).toBeLessThanOrEqual(3);
  expect(created.blocks).toBeLessThanOrEqual(3);
  project.write(machinesOnMesh(11));
  const more = await cost("an eleventh", () => project.terraform.apply());
  expect(more.extrinsics).toBeLessThanOrEqual(2);
  await cost("their end", () => project.terraform.destroy());
});

test("fifty namespaces on fifty nodes, all at once", async () => {
  project.write(namespaces(50));
  const created = await cost("fifty namespaces", () => project.terraform.apply("-parallelism=256"));
  expect(created.extrinsics).toBeLessThanOrEqual(2);
  await cost("their end", () => project.terraform.destroy("-parallelism=256"));
});
