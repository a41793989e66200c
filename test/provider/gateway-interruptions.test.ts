/** A gateway's pair of contracts under real signals: at whatever moment a run dies, a rerun ends with exactly one of each. */
import { type GridProject, leftovers, NOTHING, startInterruptedProject } from "../support/grid-project";
import { type Block, gatewayFqdn, gatewayName, PROJECT, stack } from "../support/grid-stack";
import { type Blow, controlC, interrupted, killProvider, type Moment } from "../support/interruption";
import { type PackagedProvider, packageProvider } from "../support/packaged-provider";

let packaged: PackagedProvider;
let project: GridProject;

beforeAll(async () => {
  packaged = await packageProvider();
});
afterAll(() => packaged?.remove());

/** A project on a grid whose nodes take their time. */
async function start(provisionMs: number): Promise<void> {
  project = await startInterruptedProject(packaged, { blockMs: 120, provisionMs });
  await project.grid.control("dev.setDns", "www.example.org", ["185.206.122.31", "185.206.122.32"]);
}
afterEach(() => project?.close());

const config = (nodeId: number, change: Block = {}) =>
  stack(PROJECT, {
    threefold_gateway_name: { shop: gatewayName(nodeId, change) },
    threefold_gateway_fqdn: { www: gatewayFqdn(nodeId, change) },
  });

/** Both gateways are well on the node, and the grid holds their three contracts and no more. */
async function expectDone(nodeId: number): Promise<void> {
  await project.grid.control("dev.awaitNodes");
  const shop = await project.terraform.attributes("threefold_gateway_name.shop");
  const www = await project.terraform.attributes("threefold_gateway_fqdn.www");
  expect([shop, www]).toMatchObject([
    { status: "ok", node_id: nodeId },
    { status: "ok", node_id: nodeId },
  ]);
  const gateways = [shop?.contract_id, www?.contract_id].map(Number);
  const contracts = [...gateways, Number(shop?.name_contract_id)].sort((a, b) => a - b);
  const { contracts: onGrid, deployments } = leftovers(project.grid);
  expect(onGrid).toEqual(contracts);
  expect(deployments.sort()).toEqual(gateways.map((id) => `${nodeId}/${id}`).sort());
  expect((await project.terraform.plan()).changes).toEqual([]);
}

interface Trial {
  readonly title: string;
  readonly blow: Blow;
  readonly creation: readonly Moment[];
  readonly move: readonly Moment[];
}

const TRIALS: readonly Trial[] = [
  {
    title: "a killed provider",
    blow: killProvider,
    creation: [{ what: "extrinsics", more: 1 }],
    move: [
      { what: "extrinsics", more: 1 },
      { what: "jobs", more: 1 },
    ],
  },
  {
    title: "Ctrl-C",
    blow: controlC,
    creation: [{ what: "extrinsics", more: 1 }],
    move: [{ what: "writes", more: 2 }],
  },
];

test.each(TRIALS)("$title in the middle of it: the next run finishes the job", async ({ blow, creation, move }) => {
  const run = async (moment: Moment) => {
    const args = ["apply", "-auto-approve", "-no-color"];
    const { stdout, stderr } = await interrupted(project, args, { moment, blow });
    expect(`${stdout}${stderr}`).not.toContain("TFG_PROVIDER_DEFECT");
  };
  await start(60);
  project.write(config(1));
  for (const moment of creation) await run(moment);
  await project.terraform.apply();
  await expectDone(1);
  const { name_contract_id } = (await project.terraform.attributes("threefold_gateway_name.shop")) ?? {};

  project.write(config(2, { backends: ["http://185.206.122.101:9090"] }));
  for (const moment of move) await run(moment);
  await project.terraform.apply();
  await expectDone(2);
  expect(await project.terraform.attributes("threefold_gateway_name.shop")).toMatchObject({ name_contract_id });

  const moment: Moment = { what: "extrinsics", more: 1 };
  await interrupted(project, ["destroy", "-auto-approve"], { moment, blow });
  await project.terraform.destroy();
  await project.grid.control("dev.awaitNodes");
  expect(leftovers(project.grid)).toEqual(NOTHING);
});

test("Ctrl-C while a gateway comes up on the node its contract was migrated to never ends that contract", async () => {
  await start(2_000);
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
  await start(2_000);
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
