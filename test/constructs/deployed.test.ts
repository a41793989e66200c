/** Stacks of constructs under real Terraform on a devgrid: what a change of the program changes, and what it leaves alone. */
import { Testing } from "cdktf";
import {
  DedicatedNode,
  Gateway,
  type GatewayProps,
  GridStack,
  Image,
  NetworkMesh,
  Placement,
  Size,
  VirtualMachine,
  Zdb,
} from "../../lib";
import { type GridProject, leftovers, NOTHING, startGridProject } from "../support/grid-project";

const minimal = { cpu: 1, memory: Size.mib(512), image: Image.ubuntu() };
/** The configuration of a stack that `build` fills; who provides it is the project's own affair. */
function synthesised(build: (stack: GridStack) => void): Record<string, unknown> {
  const stack = new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
  build(stack);
  const { provider: _provider, terraform: _terraform, ...config } = JSON.parse(Testing.synth(stack));
  return config;
}

describe("a deployed stack", () => {
  let project: GridProject;

  beforeEach(async () => {
    project = await startGridProject();
  });
  afterEach(() => project.close());

  const actionsOf = async () => {
    const { changes } = await project.terraform.plan();
    return Object.fromEntries(changes.map(({ address, actions }) => [address, actions.join()]));
  };

  it("grows by a machine on a member node without touching anything that runs", async () => {
    const shop = (machines: readonly string[]) => (stack: GridStack) => {
      const mesh = new NetworkMesh(stack, "mesh");
      for (const id of machines) new VirtualMachine(stack, id, { ...minimal, mesh, placement: Placement.node(1) });
    };
    project.write(synthesised(shop(["web"])));
    await project.terraform.apply();
    const before = await project.terraform.attributes("threefold_virtual_machine.web");
    project.write(synthesised(shop(["web", "worker"])));
    expect(await actionsOf()).toEqual({
      "threefold_placement.placement": "update",
      "threefold_network.mesh": "update",
      "threefold_virtual_machine.worker": "create",
    });
    await project.terraform.apply();
    expect(await actionsOf()).toEqual({});
    expect(await project.terraform.attributes("threefold_virtual_machine.web")).toEqual(before);
  });

  it("connects machines that all landed on hidden nodes, and not a node more when one of theirs can be dialled", async () => {
    const shop = (nodes: Readonly<Record<string, number>>) => (stack: GridStack) => {
      const mesh = new NetworkMesh(stack, "mesh");
      for (const [id, node] of Object.entries(nodes)) {
        new VirtualMachine(stack, id, { ...minimal, mesh, placement: Placement.node(node) });
      }
    };
    const membersOf = async () => {
      const mesh = await project.terraform.attributes("threefold_network.mesh");
      return Object.values(mesh?.members as Record<string, { endpoint: string; access_node: number | null }>);
    };
    project.write(synthesised(shop({ web: 3, db: 9 })));
    await project.terraform.apply();
    const [dialled] = (await membersOf()).filter(({ endpoint }) => endpoint !== "");
    expect(dialled).toBeDefined();
    expect((await membersOf()).filter(({ access_node: node }) => node !== null)).toHaveLength(2);
    expect(await actionsOf()).toEqual({});
    project.write(synthesised(shop({ web: 3, db: 9, front: 1 })));
    await project.terraform.apply();
    expect(await membersOf()).toHaveLength(3);
    expect(await actionsOf()).toEqual({});
  });

  it("stays as it is when what it took leaves no room for another of the kind", async () => {
    const big = { ...minimal, memory: Size.gib(10), placement: Placement.node(3) };
    project.write(synthesised((stack) => new VirtualMachine(stack, "web", big)));
    await project.terraform.apply();
    expect(await actionsOf()).toEqual({});
  });

  it("goes to another node when its own is down and it need not wait, and does not come back", async () => {
    const placement = Placement.where({ country: "Belgium", certified: true, onNodeDown: "replace" });
    const shop = synthesised((stack) => {
      const mesh = new NetworkMesh(stack, "mesh", { access: ["laptop"] });
      new VirtualMachine(stack, "web", { ...minimal, mesh, placement });
      new Zdb(stack, "db", { size: Size.gib(1), placement: Placement.where({ country: "Germany" }) });
    });
    const node = async () => Number((await project.terraform.attributes("threefold_virtual_machine.web"))?.node_id);
    project.write(shop);
    await project.terraform.apply();
    const from = await node();
    project.grid.nodes.get(from)?.setOnline(false);
    expect(await actionsOf()).toEqual({
      "threefold_placement.placement": "update",
      "threefold_network.mesh": "update",
      "threefold_virtual_machine.web": "delete,create",
    });
    await project.terraform.apply();
    const to = await node();
    expect(to).not.toBe(from);
    expect(await actionsOf()).toEqual({});
    project.grid.nodes.get(from)?.setOnline(true);
    await project.grid.control("dev.awaitNodes");
    expect(await actionsOf()).toEqual({});
    expect(leftovers(project.grid).deployments.filter((each) => each.startsWith(`${from}/`))).toEqual([]);
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  it("makes nothing that costs when one of its parts fits nowhere", async () => {
    project.write(synthesised((stack) => new Zdb(stack, "old", { size: Size.gib(1) })));
    await project.terraform.apply();
    const before = leftovers(project.grid);
    project.write(
      synthesised((stack) => {
        new Zdb(stack, "old", { size: Size.gib(1) });
        new Zdb(stack, "db", { size: Size.gib(1) });
        new VirtualMachine(stack, "web", { ...minimal, placement: Placement.where({ country: "Atlantis" }) });
      }),
    );
    const { diagnostics } = await project.terraform.fail("plan");
    const said = diagnostics.map(({ detail }) => detail).join("\n");
    expect(said).toMatch(
      /^No node fits "web": no node that is up is in country "Atlantis"; there are some in .*\.\nNothing was made for it\.\nFix: .* \[TFG_NO_CANDIDATE\]$/m,
    );
    expect(said.match(/Atlantis/g)).toHaveLength(1);
    expect(leftovers(project.grid)).toEqual(before);
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  it("blames the directory, and not what was asked for, when it is down", async () => {
    await project.grid.control("dev.setDown", "directory");
    project.write(synthesised((stack) => new Zdb(stack, "db", { size: Size.gib(1) })));
    const { diagnostics } = await project.terraform.fail("plan");
    const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ detail }) => detail);
    expect(errors).toEqual([
      expect.stringMatching(
        /^No node can be chosen for "db": the directory .* no usable answer\.\n.*\n.*\[TFG_DIRECTORY_UNREACHABLE\]$/,
      ),
    ]);
    expect(diagnostics.map(({ detail }) => detail).join()).toContain("tried  127.0.0.1");
  });

  it("can be destroyed while the directory is down", async () => {
    project.write(synthesised((stack) => new Zdb(stack, "db", { size: Size.gib(1) })));
    await project.terraform.apply();
    project.provider.directory_urls = ["http://127.0.0.1:9"];
    project.write(synthesised((stack) => new Zdb(stack, "db", { size: Size.gib(1) })));
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  it("serves a hidden machine through a gateway whose node joins its mesh, and moves that gateway with its name", async () => {
    const shop = (node: number, port: number) => (stack: GridStack) => {
      const mesh = new NetworkMesh(stack, "mesh");
      const web = new VirtualMachine(stack, "web", { ...minimal, mesh, placement: Placement.node(3) });
      new Gateway(stack, "www", { name: "shop", backend: web.http(port), placement: Placement.node(node) });
    };
    const gateway = async () => (await project.terraform.attributes("threefold_gateway_name.www")) ?? {};
    const members = async () => {
      const mesh = await project.terraform.attributes("threefold_network.mesh");
      return Object.keys(mesh?.members as Record<string, unknown>);
    };
    project.write(synthesised(shop(1, 8080)));
    const { changes } = await project.terraform.plan();
    const planned = changes.find(({ address }) => address === "threefold_gateway_name.www")?.after;
    expect(planned?.fqdn).toBe("shop.gent01.devgrid.test");
    await project.terraform.apply("saved.tfplan");
    const before = await gateway();
    expect(before).toMatchObject({ status: "ok", backends: ["http://10.20.3.2:8080"] });
    expect(await members()).toEqual(["1", "3"]);
    expect(await actionsOf()).toEqual({});

    project.write(synthesised(shop(1, 9090)));
    expect(await actionsOf()).toEqual({ "threefold_gateway_name.www": "update" });
    project.write(synthesised(shop(2, 9090)));
    await project.terraform.apply();
    expect(await gateway()).toMatchObject({
      status: "ok",
      fqdn: "shop.gent02.devgrid.test",
      backends: ["http://10.20.3.2:9090"],
      name_contract_id: before.name_contract_id,
    });
    expect(await members()).toEqual(["2", "3"]);
    expect(await actionsOf()).toEqual({});

    await project.terraform.destroy();
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  it("rents a node, keeps it, and gives it back after the mesh and the machine on it", async () => {
    const fleet = (stack: GridStack) => {
      const node = new DedicatedNode(stack, "own", { placement: Placement.where({ country: "Finland" }) });
      const mesh = new NetworkMesh(stack, "mesh");
      new VirtualMachine(stack, "web", { ...minimal, mesh, placement: node.placement });
    };
    project.write(synthesised(fleet));
    await project.terraform.apply();
    expect(await actionsOf()).toEqual({});
    const web = await project.terraform.attributes("threefold_virtual_machine.web");
    // The smaller one of the dedicated farm.
    expect(web).toMatchObject({ node_id: 12, status: "ok" });
    await project.terraform.destroy();
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  it("joins machines on full and on light nodes in one mesh", async () => {
    const shop = (stack: GridStack) => {
      const mesh = new NetworkMesh(stack, "mesh");
      new VirtualMachine(stack, "web", { ...minimal, mesh, placement: Placement.node(1) });
      new VirtualMachine(stack, "edge", { ...minimal, mesh, placement: Placement.node(7), nodeKind: "light" });
    };
    project.write(synthesised(shop));
    await project.terraform.apply();
    expect(await actionsOf()).toEqual({});
    const mesh = await project.terraform.attributes("threefold_network.mesh");
    const members = mesh?.members as Record<string, { type: string; status: string }>;
    const addresses = mesh?.addresses as Record<string, string>;
    expect(Object.values(members).map(({ type, status }) => [type, status])).toEqual([
      ["network", "ok"],
      ["network-light", "ok"],
    ]);
    const edge = await project.terraform.attributes("threefold_virtual_machine.edge");
    expect(edge).toMatchObject({ light: true, status: "ok", ip: addresses.edge });
    await project.terraform.destroy();
    await project.grid.control("dev.awaitNodes");
    expect(leftovers(project.grid)).toEqual(NOTHING);
  });

  it("stops a plan whose gateway has no gateway node, or a domain under the node's own", async () => {
    const backend = "http://185.206.122.100";
    const www = (props: Omit<GatewayProps, "backend">) =>
      synthesised((stack) => void new Gateway(stack, "www", { ...props, backend }));
    const said = async () => (await project.terraform.fail("plan")).diagnostics.map(({ detail }) => detail).join("\n");
    project.write(www({ name: "shop", placement: Placement.node(3) }));
    expect(await said()).toContain('No node fits "www": node 3 is no gateway');
    project.write(www({ domain: "www.gent01.devgrid.test", placement: Placement.node(1) }));
    expect(await said()).toContain("www.gent01.devgrid.test is under the domain of its own gateway node");
  });

  it("stops in the plan, and is destroyed all the same, when no node can be rented", async () => {
    const fleet = (stack: GridStack) => {
      new DedicatedNode(stack, "own", { placement: Placement.where({ country: "Atlantis" }) });
    };
    project.write(synthesised(fleet));
    const { diagnostics } = await project.terraform.fail("plan");
    expect(diagnostics.map(({ summary, detail }) => `${summary} ${detail}`).join()).toContain(
      'No node fits "own": no node that is up is in country',
    );
    await project.terraform.destroy();
  });
});
