import { type GridProject, leftovers, NOTHING, startGridProject } from "../../support/grid-project";

const FLIST = "https://hub.grid.tf/tf-official-vms/ubuntu-24.04-latest.flist";

let project: GridProject;
let publicNodes: number[];
let hiddenNodes: number[];

beforeAll(async () => {
  project = await startGridProject();
  const nodes = project.grid.chain.listNodes();
  const usable = nodes.filter(({ nodeId }) => project.grid.nodes.get(nodeId)?.facts().features.includes("zmachine"));
  publicNodes = usable.filter(({ publicConfig }) => publicConfig !== undefined).map(({ nodeId }) => nodeId);
  hiddenNodes = usable.filter(({ publicConfig }) => publicConfig === undefined).map(({ nodeId }) => nodeId);
});
afterAll(() => project?.close());

/** A mesh with machines by name and node. */
function mesh(hosts: Record<string, number>, change: Record<string, unknown> = {}): Record<string, unknown> {
  const machines = Object.entries(hosts).map(([name, nodeId]) => [
    name,
    {
      project: "${threefold_project.main}",
      name,
      node_id: nodeId,
      cpu: 1,
      memory_mib: 512,
      flist: FLIST,
      network: {
        name: "${threefold_network.mesh.network_name}",
        ip: `\${threefold_network.mesh.addresses["${name}"]}`,
      },
      mycelium: true,
    },
  ]);
  return {
    resource: {
      threefold_project: { main: { name: "shop" } },
      threefold_network: { mesh: { project: "${threefold_project.main}", name: "mesh", hosts, ...change } },
      threefold_virtual_machine: Object.fromEntries(machines),
    },
  };
}

type Members = Record<string, Record<string, unknown>>;

async function members(): Promise<Members> {
  return (await project.terraform.attributes("threefold_network.mesh"))?.members as Members;
}

const updates = () => project.grid.stats().chain.calls["SmartContractModule.update_node_contract"] ?? 0;

describe("the life of a mesh", () => {
  let first: Members;

  test("spans a public and a hidden node, with an access point and machines that run in it", async () => {
    const [open = 0] = publicNodes;
    const [hidden = 0] = hiddenNodes;
    project.write(mesh({ web: open, db: hidden }, { access: ["laptop"] }));
    const { changes } = await project.terraform.plan();
    const planned = changes.find(({ address }) => address === "threefold_network.mesh")?.after;
    await project.terraform.apply("saved.tfplan");
    const state = await project.terraform.attributes("threefold_network.mesh");
    expect(planned?.addresses).toEqual(state?.addresses);
    expect(planned?.subnets).toEqual(state?.subnets);
    first = await members();
    expect(Object.values(first).map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect(first[String(hidden)]).toMatchObject({ endpoint: "", access_node: open });
    expect(state?.access_points).toMatchObject({ laptop: { node_id: open } });
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    const addresses = (state?.addresses ?? {}) as Record<string, string>;
    expect(web).toMatchObject({ status: "ok", ip: addresses.web });
  });

  test("plans nothing the second time", async () => {
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("adds a machine on a member node without touching a contract of the mesh", async () => {
    const [open = 0] = publicNodes;
    const [hidden = 0] = hiddenNodes;
    const before = updates();
    project.write(mesh({ web: open, db: hidden, api: open }, { access: ["laptop"] }));
    await project.terraform.apply();
    expect(updates()).toBe(before);
    expect(await members()).toEqual(first);
  });

  test("takes in a node: keys, ports and subnets of the others stay as they are", async () => {
    const [open = 0, other = 0] = publicNodes;
    const [hidden = 0] = hiddenNodes;
    project.write(mesh({ web: open, db: hidden, api: open, far: other }, { access: ["laptop"] }));
    await project.terraform.apply();
    const after = await members();
    for (const id of [open, hidden]) {
      const { subnet, public_key, listen_port, endpoint, contract_id } = first[String(id)] ?? {};
      expect(after[String(id)]).toMatchObject({ subnet, public_key, listen_port, endpoint, contract_id, status: "ok" });
    }
    expect(after[String(other)]).toMatchObject({ status: "ok" });
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("lets a node go once its machine is gone", async () => {
    const [open = 0, other = 0] = publicNodes;
    const [hidden = 0] = hiddenNodes;
    project.write(mesh({ web: open, db: hidden }, { access: ["laptop"] }));
    await project.terraform.apply();
    expect(Object.keys(await members())).not.toContain(String(other));
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("works on while a member is down, and brings it in step when it is back", async () => {
    const [open = 0] = publicNodes;
    const [hidden = 0, second = 0] = hiddenNodes;
    project.grid.nodes.get(hidden)?.setOnline(false);
    project.write(mesh({ web: open, db: hidden, more: second }, { access: ["laptop"] }));
    await project.terraform.apply();
    expect((await members())[String(hidden)]).toMatchObject({ status: "unsynced" });
    project.grid.nodes.get(hidden)?.setOnline(true);
    await project.terraform.apply();
    expect(Object.values(await members()).map(({ status }) => status)).toEqual(["ok", "ok", "ok"]);
    expect((await project.terraform.plan()).changes).toEqual([]);
  });

  test("leaves nothing behind when it is destroyed", async () => {
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });
});
