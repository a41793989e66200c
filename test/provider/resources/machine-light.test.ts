import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";
import { type Block, machine, PROJECT, stack } from "../../support/grid-stack";

/** A light node with WireGuard, one without, and a full one. */
const LIGHT = 7;
const BARE = 8;
const FULL = 1;
const WEB = "threefold_virtual_machine.web";

let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

const write = (change: Block, nodeId = LIGHT) =>
  project.write(stack(PROJECT, { threefold_virtual_machine: { web: machine(nodeId, { light: true, ...change }) } }));

const state = async () => (await project.terraform.attributes(WEB)) ?? {};

/** Types of what a node runs. */
const typesOn = (nodeId: number) =>
  project.grid.nodes
    .get(nodeId)
    ?.snapshot()
    .deployments.flatMap(({ active }) => active.map(({ type }) => type))
    .sort();

describe("a machine on a light node", () => {
  let first: Record<string, unknown>;

  test("is created with a network of the light kind, and the plan promises the way in", async () => {
    write({ disks: [{ size_gib: 2, mount_point: "/data" }] });
    const { changes } = await project.terraform.plan();
    const planned = changes.find(({ address }) => address === WEB)?.after;
    expect(planned).toMatchObject({ light: true, mycelium: true, wireguard_port: null, ip: "10.20.2.2" });
    await project.terraform.apply("saved.tfplan");
    first = await state();
    expect(first).toMatchObject({ status: "ok", planetary_ip: null, public_ipv4_address: null });
    expect(first.deployment_hash).toBe(planned?.content_hash);
    expect(first.mycelium_ip).toMatch(/^[45]/);
    expect(first.console_url).toMatch(/^\[.*\]:20002$/);
    expect(typesOn(LIGHT)).toEqual(["network-light", "zmachine-light", "zmount"]);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("is rebuilt in place, and keeps its addresses", async () => {
    write({ cpu: 2, disks: [{ size_gib: 4, mount_point: "/data" }] });
    const { changes } = await project.terraform.plan();
    expect(changes.map(({ actions }) => actions)).toEqual([["update"]]);
    await project.terraform.apply("saved.tfplan");
    const { contract_id, mycelium_ip, console_url } = first;
    expect(await state()).toMatchObject({ status: "ok", cpu: 2, contract_id, mycelium_ip, console_url });
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("is imported by its contract, and the plan after it is empty", async () => {
    await project.terraform.succeed("state", "rm", WEB);
    await project.terraform.succeed("import", "-no-color", WEB, String(first.contract_id));
    expect((await project.terraform.plan()).changes).toEqual([]);
    expect(await state()).toMatchObject({ light: true, mycelium: true, wireguard_port: null });
  });

  test("is replaced when it moves to a full node, and not before that can be", async () => {
    write({ light: false, cpu: 2, disks: [{ size_gib: 4, mount_point: "/data" }] });
    expect((await project.terraform.plan()).changes[0]?.replacePaths).toEqual([["light"]]);
    const { diagnostics } = await project.terraform.fail("apply");
    expect(diagnostics.map(({ summary }) => summary).join()).toContain(
      `Node ${LIGHT} cannot run virtual machine web: it has no network, zmachine`,
    );
    expect(await state()).toMatchObject({ contract_id: first.contract_id });
    write({ light: false, cpu: 2 }, FULL);
    await project.terraform.apply();
    expect(typesOn(LIGHT)).toEqual([]);
    expect(await state()).toMatchObject({ status: "ok", light: false, mycelium: false });
  });

  test("runs on a node without WireGuard as well", async () => {
    write({}, BARE);
    await project.terraform.apply();
    expect(await state()).toMatchObject({ status: "ok", light: true });
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("leaves nothing behind when it is destroyed", async () => {
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  test.each<[string, Block, number, string]>([
    ["a light machine on a full node", { light: true }, FULL, "leave light out"],
    ["a full machine on a light node", { light: false }, LIGHT, "set light = true"],
  ])("is refused before anything is paid: %s", async (_, change, nodeId, remedy) => {
    write(change, nodeId);
    const { diagnostics } = await project.terraform.fail("apply");
    const text = diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
    expect(text).toContain(`Node ${nodeId} cannot run virtual machine web`);
    expect(text).toContain(remedy);
    expect(text).toContain("[TFG_NODE_LACKS]");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});
