/** Ctrl-C while a gateway moves. Gateways at any moment are in interruptions.test.ts. */
import { type GridProject, leftovers, startInterruptedProject } from "../support/grid-project";
import { gatewayName, PROJECT, stack } from "../support/grid-stack";
import { controlC, interrupted, type Moment } from "../support/interruption";
import { type PackagedProvider, packageProvider } from "../support/packaged-provider";

let packaged: PackagedProvider;
let project: GridProject;

beforeAll(async () => {
  packaged = await packageProvider();
});
afterAll(() => packaged?.remove());

// Nodes that take their time.
beforeEach(async () => {
  project = await startInterruptedProject(packaged, { blockMs: 120, provisionMs: 2_000 });
});
afterEach(() => project?.close());

test("Ctrl-C while a gateway comes up on the node its contract was migrated to never ends that contract", async () => {
  const www = (nodeId: number) => stack(PROJECT, { threefold_gateway_name: { www: gatewayName(nodeId) } });
  project.write(www(1));
  await project.terraform.apply();
  const { contract_id, name_contract_id } = (await project.terraform.attributes("threefold_gateway_name.www")) ?? {};
  await project.grid.control("dev.migrateContract", Number(contract_id), 2);
  project.write(www(2));
  const moment: Moment = { what: "writes", more: 1 };
  await interrupted(project, ["apply", "-auto-approve", "-no-color"], { moment, blow: controlC });
  expect(leftovers(project.grid).contracts).toEqual([contract_id, name_contract_id].map(Number).sort((a, b) => a - b));
  await project.terraform.apply();
  expect(await project.terraform.attributes("threefold_gateway_name.www")).toMatchObject({
    status: "ok",
    node_id: 2,
    contract_id,
    name_contract_id,
  });
});

test("Ctrl-C while a gateway comes up on another node leaves it where it was, and says so", async () => {
  const www = (nodeId: number) => stack(PROJECT, { threefold_gateway_name: { www: gatewayName(nodeId) } });
  project.write(www(1));
  await project.terraform.apply();
  const before = (await project.terraform.attributes("threefold_gateway_name.www")) ?? {};
  const standing = leftovers(project.grid);
  project.write(www(2));
  const args = ["apply", "-auto-approve", "-no-color"];
  const moment: Moment = { what: "writes", more: 1 };
  const { stdout, stderr } = await interrupted(project, args, { moment, blow: controlC });
  // Terraform breaks lines where it likes.
  const said = `${stdout}${stderr}`.replace(/[\s│]+/g, " ");
  expect(said).toContain("gateway shop was not up on node 2 when the wait for it ended");
  expect(said).toContain(`Contract ${String(before.contract_id)} still stands and bills`);
  await project.grid.control("dev.awaitNodes");
  expect(leftovers(project.grid)).toEqual(standing);
  const { contract_id, name_contract_id } = before;
  expect(await project.terraform.attributes("threefold_gateway_name.www")).toMatchObject({
    node_id: 1,
    contract_id,
    name_contract_id,
  });
  await project.terraform.apply();
  expect(await project.terraform.attributes("threefold_gateway_name.www")).toMatchObject({
    status: "ok",
    node_id: 2,
    name_contract_id,
  });
});
