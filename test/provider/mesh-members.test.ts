/** Members of every kind: light and full nodes, users' computers on nodes of choice, changes that only peers notice. */
import { currentsOf } from "../../lib/devgrid/node/engine/deployment-store";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";
import { type Block, mesh, PROJECT, stack } from "../support/grid-stack";
import { printAccess } from "../support/print-access";

const MESH = "threefold_network.mesh";
const HIDDEN = 3;
const LIGHT = 7;
const WITHOUT_WIREGUARD = 8;
let project: GridProject;

beforeAll(async () => {
  project = await startGridProject();
});
afterAll(() => project?.close());

function write(nodes: readonly number[], change: Block = {}): void {
  project.write(stack(PROJECT, { threefold_network: { mesh: mesh({}, { nodes, ...change }) } }));
}

const dialled = { access: ["laptop", "phone"], access_nodes: { phone: 4 } };

type Members = Record<string, Record<string, unknown>>;

async function members(): Promise<Members> {
  return ((await project.terraform.attributes(MESH))?.members ?? {}) as Members;
}

/** What a node was sent, without what it says of peers. */
function sentTo(nodeId: number): Record<string, unknown>[] {
  const records = project.grid.nodes.get(nodeId)?.snapshot().deployments ?? [];
  return records.flatMap(currentsOf).map(({ type, data }) => ({ type, ...(data as Record<string, unknown>) }));
}

describe("a mesh of full and light nodes", () => {
  test("takes a light node that has WireGuard with its own kind of workload", async () => {
    write([1, 4, HIDDEN, LIGHT], dialled);
    await project.terraform.apply();
    const all = await members();
    expect(Object.values(all).map(({ type, status }) => `${type} ${status}`)).toEqual([
      ...["network ok", "network ok", "network ok"],
      "network-light ok",
    ]);
    const [light] = sentTo(LIGHT);
    const [hidden] = sentTo(HIDDEN);
    expect(light).toMatchObject({ type: "network-light", ip_range: "10.20.0.0/16", mycelium: { peers: [] } });
    expect(light?.peers).toHaveLength(2);
    expect(hidden).toMatchObject({ type: "network" });
    expect(hidden?.mycelium).not.toEqual(light?.mycelium);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("has every computer dial the node that was chosen for it", async () => {
    const files = [await printAccess(project, "laptop"), await printAccess(project, "phone")];
    expect(files.map(({ nodeId }) => nodeId)).toEqual([1, 4]);
  });

  test("changes nothing but peers when nodes join and leave", async () => {
    const before = await members();
    const files = [await printAccess(project, "laptop"), await printAccess(project, "phone")];
    const kept = ["type", "subnet", "public_key", "listen_port", "endpoint", "access_node", "contract_id", "stamp"];
    write([1, 2, 4, HIDDEN], dialled);
    await project.terraform.apply();
    const after = await members();
    expect(Object.keys(after)).toEqual(["1", "2", "3", "4"]);
    for (const id of ["1", "3", "4"]) {
      for (const name of kept) expect([id, name, after[id]?.[name]]).toEqual([id, name, before[id]?.[name]]);
    }
    expect([await printAccess(project, "laptop"), await printAccess(project, "phone")]).toEqual(files);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("moves one computer to another node, and says whose file changes", async () => {
    const laptop = await printAccess(project, "laptop");
    write([1, 2, 4, HIDDEN], { ...dialled, access_nodes: { phone: 2 } });
    const { diagnostics } = await project.terraform.plan();
    expect(diagnostics.map(({ summary }) => summary)).toEqual(["network mesh: phone will dial another node"]);
    await project.terraform.apply("saved.tfplan");
    expect((await printAccess(project, "phone")).nodeId).toBe(2);
    expect(await printAccess(project, "laptop")).toEqual(laptop);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test.each<[string, readonly number[], Block, RegExp]>([
    ["a light node without WireGuard", [1, WITHOUT_WIREGUARD], {}, /TFG_MESH_NO_WIREGUARD/],
    [
      "a computer that would dial a hidden node",
      [1, HIDDEN],
      { access_nodes: { phone: HIDDEN } },
      /TFG_MESH_BAD_ACCESS/,
    ],
    [
      "a computer that would dial a node outside of the mesh",
      [1, 2],
      { access_nodes: { phone: 9 } },
      /access_nodes\.phone cannot be 9[\s\S]*a member of the mesh: 1, 2/,
    ],
    [
      "a chosen node for nobody",
      [1, 2],
      { access_nodes: { tablet: 2 } },
      /access_nodes cannot be "tablet"[\s\S]*names in access: laptop, phone/,
    ],
    ["a node that is null", [1, null as never], {}, /nodes\[1\] cannot be "null"/],
  ])("refuses %s, and stays as it is", async (_, nodes, change, message) => {
    const before = await members();
    write(nodes, { ...dialled, access_nodes: {}, ...change });
    const { diagnostics } = await project.terraform.fail("apply");
    expect(diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n")).toMatch(message);
    expect(await members()).toEqual(before);
  });

  test("leaves nothing behind", async () => {
    write([1, 2, 4, HIDDEN], dialled);
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});

describe("a light node without WireGuard", () => {
  test("is a mesh of its own, with mycelium as the way in", async () => {
    write([WITHOUT_WIREGUARD], { mycelium: false });
    await project.terraform.apply();
    expect(Object.values(await members())).toMatchObject([{ type: "network-light", listen_port: 0, status: "ok" }]);
    expect(sentTo(WITHOUT_WIREGUARD)).toMatchObject([
      { wireguard_private_key: "", mycelium: { peers: [] }, peers: [] },
    ]);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("takes others in only after its system has learned WireGuard", async () => {
    write([1, WITHOUT_WIREGUARD]);
    const { diagnostics } = await project.terraform.fail("apply");
    expect(diagnostics.at(-1)?.detail).toContain("TFG_MESH_NO_WIREGUARD");
    expect(leftovers(project.grid).contracts).toHaveLength(1);
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});
