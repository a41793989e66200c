import { parseWorkload } from "../../../lib/model/deployment";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";
import { type Block, gatewayName, PROJECT, stack } from "../../support/grid-stack";

const GATEWAY = "threefold_gateway_name.www";
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

const www = (nodeId: number, change: Block = {}) =>
  stack(PROJECT, { threefold_gateway_name: { www: gatewayName(nodeId, change) } });

const state = async () => (await project.terraform.attributes(GATEWAY)) ?? {};

/** The gateway as a node has it; undefined when it has none. */
function onNode(nodeId: number) {
  const records = project.grid.nodes.get(nodeId)?.snapshot().deployments ?? [];
  const current = records.flatMap(({ changes }) => changes).findLast(({ type }) => type === "gateway-name-proxy");
  const workload = current && parseWorkload(current, current.name);
  return workload?.type === "gateway-name-proxy" ? workload : undefined;
}

/** Calls the chain has carried out, by name. */
const calls = (name: string) => project.grid.stats().chain.calls[`SmartContractModule.${name}`] ?? 0;

const nameContracts = () => project.grid.chain.listContracts().filter(({ kind }) => kind === "name");

describe("the life of a gateway at a reserved name", () => {
  let first: Record<string, unknown>;

  test("is made with its name in one call, at an address that the plan knew", async () => {
    project.write(www(1, { domain: "gent01.devgrid.test" }));
    const { changes } = await project.terraform.plan();
    const planned = changes.find(({ address }) => address === GATEWAY)?.after;
    expect(planned).toMatchObject({ fqdn: "shop.gent01.devgrid.test", tls_passthrough: false });
    const { extrinsics } = project.grid.stats().chain;
    await project.terraform.apply("saved.tfplan");
    expect(project.grid.stats().chain.extrinsics - extrinsics).toBe(1);
    first = await state();
    expect(first).toMatchObject({
      status: "ok",
      fqdn: "shop.gent01.devgrid.test",
      content_hash: planned?.content_hash,
    });
    expect(first.deployment_hash).toBe(first.content_hash);
    expect(nameContracts()).toMatchObject([{ contractId: Number(first.name_contract_id), name: "shop" }]);
    expect(onNode(1)).toMatchObject({
      data: { name: "shop", backends: ["http://185.206.122.100:8080"], tls_passthrough: false },
      result: { state: "ok", data: { fqdn: "shop.gent01.devgrid.test" } },
    });
    expect(onNode(1)?.data).not.toHaveProperty("network");
  });

  test("plans nothing the second time", async () => {
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test.each<[string, Block]>([
    ["other backends, and more of them", { backends: ["http://185.206.122.101", "http://[2a10:b600:1::99]:8080"] }],
    ["TLS that goes through", { backends: ["185.206.122.101:443"], tls_passthrough: true }],
  ])("is rebuilt in place for %s: contract and name stay", async (_, change) => {
    project.write(www(1, { domain: "gent01.devgrid.test", ...change }));
    const { changes } = await project.terraform.plan();
    expect(changes.map(({ actions }) => actions)).toEqual([["update"]]);
    await project.terraform.apply("saved.tfplan");
    const { contract_id, name_contract_id, fqdn } = first;
    expect(await state()).toMatchObject({ status: "ok", contract_id, name_contract_id, fqdn });
    expect(onNode(1)?.data).toMatchObject(change);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("moves to another node as a change: the name stays reserved, and the former contract ends", async () => {
    const created = calls("create_name_contract");
    project.write(www(2));
    const { changes } = await project.terraform.plan();
    expect(changes).toMatchObject([{ actions: ["update"], afterUnknown: { contract_id: true, fqdn: true } }]);
    expect(changes[0]?.after?.name_contract_id).toBe(first.name_contract_id);
    await project.terraform.apply("saved.tfplan");
    const moved = await state();
    expect(moved).toMatchObject({
      status: "ok",
      node_id: 2,
      fqdn: "shop.gent02.devgrid.test",
      domain: "gent02.devgrid.test",
      name_contract_id: first.name_contract_id,
    });
    expect(moved.contract_id).not.toBe(first.contract_id);
    expect(calls("create_name_contract")).toBe(created);
    const ids = [Number(first.name_contract_id), Number(moved.contract_id)].sort((a, b) => a - b);
    expect(leftovers(project.grid)).toEqual({ contracts: ids, deployments: [`2/${String(moved.contract_id)}`] });
    expect((await project.terraform.plan()).changes).toEqual([]);
    first = moved;
  });

  test("is imported by its node contract, and the plan after it is empty", async () => {
    await project.terraform.succeed("state", "rm", GATEWAY);
    await project.terraform.succeed("import", "-no-color", GATEWAY, String(first.contract_id));
    expect(await state()).toEqual({ ...first, content_hash: null });
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("is replaced for another name, and the former one is free again", async () => {
    project.write(www(2, { name: "store" }));
    const { changes } = await project.terraform.plan();
    expect(changes).toMatchObject([{ actions: ["delete", "create"], replacePaths: [["name"]] }]);
    await project.terraform.apply("saved.tfplan");
    expect(await state()).toMatchObject({ status: "ok", fqdn: "store.gent02.devgrid.test" });
    expect(nameContracts()).toMatchObject([{ name: "store" }]);
    expect(leftovers(project.grid).contracts).toHaveLength(2);
  });

  test("leaves nothing behind when it is destroyed", async () => {
    await project.terraform.destroy();
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});
