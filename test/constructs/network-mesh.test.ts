import "../support/setup";
import { Testing } from "cdktf";
import {
  GridStack,
  Image,
  NetworkMesh,
  type NetworkMeshProps,
  network,
  Placement,
  Size,
  VirtualMachine,
} from "../../lib";
import { later, rendered } from "../support/tokens";

const gridStack = () => new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
const minimal = { cpu: 1, memory: Size.mib(512), image: Image.ubuntu() };
const requestsOf = (stack: GridStack) =>
  JSON.parse(Testing.synth(stack)).resource.threefold_placement.placement.requests as Record<string, unknown>;
const meshOf = (stack: GridStack) => JSON.parse(Testing.synth(stack)).resource.threefold_network.mesh;

describe("NetworkMesh", () => {
  it("holds its machines, however late they come, each under the address the provider gives it", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh");
    const web = new VirtualMachine(stack, "web", { ...minimal, mesh });
    new VirtualMachine(stack, "db", { ...minimal, mesh });
    expect(meshOf(stack)).toMatchObject({
      project: expect.anything(),
      name: "mesh",
      identity: "mesh",
      hosts: {
        db: "${threefold_placement.placement.nodes.db.node_id}",
        web: "${threefold_placement.placement.nodes.web.node_id}",
      },
    });
    expect(JSON.parse(Testing.synth(stack)).resource.threefold_virtual_machine.web.network).toEqual({
      name: "${threefold_network.mesh.network_name}",
      ip: '${threefold_network.mesh.addresses["web"]}',
    });
    expect(rendered(stack, mesh.addressOf(web))).toBe('${threefold_network.mesh.addresses["web"]}');
  });

  it("knows the addresses of its own machines only", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh");
    const other = new NetworkMesh(stack, "other", { ipRange: "10.30.0.0/16" });
    for (const machine of [
      new VirtualMachine(stack, "alone", minimal),
      new VirtualMachine(stack, "elsewhere", { ...minimal, mesh: other }),
      new VirtualMachine(gridStack(), "web", minimal),
    ]) {
      expect(() => mesh.addressOf(machine)).toThrow(/VirtualMachine "shop\/\w+" is not in that mesh[\s\S]*shop\/mesh/);
    }
  });

  it("leaves machines that join no mesh to a network of their own", () => {
    const stack = gridStack();
    new NetworkMesh(stack, "mesh");
    new VirtualMachine(stack, "web", minimal);
    expect(meshOf(stack)).not.toHaveProperty("hosts");
    expect(JSON.parse(Testing.synth(stack)).resource.threefold_virtual_machine.web).not.toHaveProperty("network");
  });

  it("brings a node to dial when people dial in and nobody offers one", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh", { access: ["laptop"] });
    mesh.addAccess("phone");
    expect(requestsOf(stack)).toEqual({ "mesh/access-node": { features: ["network"], public_access: true } });
    expect(meshOf(stack)).toMatchObject({
      access: ["laptop", "phone"],
      nodes: ['${threefold_placement.placement.nodes["mesh/access-node"].node_id}'],
    });
  });

  it("lets that node be replaced when a machine of the mesh would be", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh", { access: ["laptop"] });
    new VirtualMachine(stack, "db", { ...minimal, mesh });
    new VirtualMachine(stack, "web", { ...minimal, mesh, placement: Placement.where({ onNodeDown: "replace" }) });
    expect(requestsOf(stack)["mesh/access-node"]).toEqual({
      features: ["network"],
      public_access: true,
      on_node_down: "replace",
    });
  });

  it("brings one for a machine that is asked to be hidden", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh");
    new VirtualMachine(stack, "vault", { ...minimal, mesh, placement: Placement.where({ publicAccess: false }) });
    expect(Object.keys(requestsOf(stack))).toEqual(["mesh/access-node", "vault"]);
  });

  it("brings one where machines that may be anywhere all land on hidden nodes", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh");
    new VirtualMachine(stack, "web", { ...minimal, mesh });
    new VirtualMachine(stack, "db", { ...minimal, mesh });
    expect(Object.keys(requestsOf(stack))).toEqual(["db", "mesh/access-node", "web"]);
    const nodes = "threefold_placement.placement.nodes";
    expect(meshOf(stack).nodes).toBe(
      [
        `\${((length(distinct([${nodes}.web.node_id, ${nodes}.db.node_id])) > 1) && `,
        `(length(compact([${nodes}.db.public_ipv4, ${nodes}.web.public_ipv4])) < 1)) ? `,
        `[${nodes}["mesh/access-node"].node_id] : null}`,
      ].join(""),
    );
  });

  it.each<[string, NetworkMeshProps["members"], Placement | undefined]>([
    ["a machine is asked to be public", undefined, Placement.where({ publicAccess: true })],
    ["a member is asked to be public", { hub: Placement.where({ publicAccess: true }) }, undefined],
    ["a member is named by its number", { hub: Placement.node(4) }, undefined],
  ])("brings none when %s", (_title, members, placement) => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh", { access: ["laptop"], members });
    new VirtualMachine(stack, "web", { ...minimal, mesh, placement });
    expect(Object.keys(requestsOf(stack))).toEqual(members ? ["mesh/hub", "web"] : ["web"]);
  });

  it("takes members without machines, one of a node that only Terraform knows among them", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh", { members: { hub: Placement.where({ country: "Belgium" }) } });
    mesh.addMember("own", Placement.node(later("node")));
    expect(meshOf(stack).nodes).toEqual(['${threefold_placement.placement.nodes["mesh/hub"].node_id}', "${var.node}"]);
    expect(requestsOf(stack)).toEqual({ "mesh/hub": { features: ["network"], country: "Belgium" } });
  });

  it("gives addresses to machines made otherwise", () => {
    const stack = gridStack();
    const mesh = new NetworkMesh(stack, "mesh", { ipRange: "10.30.0.0/16", mycelium: false });
    expect(rendered(stack, mesh.addHost("custom", 7))).toBe('${threefold_network.mesh.addresses["custom"]}');
    expect(Testing.synth(stack)).toHaveResourceWithProperties(network.Network, {
      hosts: { custom: 7 },
      ip_range: "10.30.0.0/16",
      mycelium: false,
    });
  });

  it.each<[string, NetworkMeshProps, RegExp]>([
    [
      "a range that is no /16",
      { ipRange: "10.20.0.0/24" },
      /ipRange cannot be "10\.20\.0\.0\/24"[\s\S]*a private IPv4 \/16/,
    ],
    ["the range of k3s", { ipRange: "10.42.0.0/16" }, /ipRange cannot be/],
    ["a computer twice", { access: ["laptop", "laptop"] }, /access\[1\] cannot be "laptop"[\s\S]*each name once/],
    ["a computer that is no file name", { access: ["my laptop"] }, /access\[0\] cannot be "my laptop"/],
    [
      "a member that is no identity",
      { members: { "my hub": Placement.node(1) } },
      /"mesh\/my hub" cannot be an identity/,
    ],
  ])("refuses %s", (_title, props, message) => {
    expect(() => new NetworkMesh(gridStack(), "mesh", props)).toThrow(message);
  });

  it("refuses a computer that is added twice", () => {
    const mesh = new NetworkMesh(gridStack(), "mesh", { access: ["laptop"] });
    expect(() => mesh.addAccess("laptop")).toThrow(/each name once/);
  });

  it("lets computers dial members of choice, and asks for no other node to dial then", () => {
    const stack = gridStack();
    const members = { hub: Placement.where({ country: "Belgium" }) };
    const mesh = new NetworkMesh(stack, "mesh", { members, access: ["phone"], accessThrough: { phone: "hub" } });
    mesh.addAccess("laptop", "hub");
    const hub = '${threefold_placement.placement.nodes["mesh/hub"].node_id}';
    expect(meshOf(stack)).toMatchObject({ access_nodes: { laptop: hub, phone: hub }, nodes: [hub] });
    expect(Object.keys(requestsOf(stack))).toEqual(["mesh/hub"]);
  });

  it.each<[string, NetworkMeshProps, RegExp]>([
    [
      "a computer that does not dial in",
      { accessThrough: { phone: "hub" }, access: ["laptop"] },
      /accessThrough cannot be "phone"[\s\S]*for computers in access: laptop/,
    ],
    [
      "a member that is none",
      { accessThrough: { phone: "hub" }, access: ["phone"] },
      /accessThrough\.phone cannot be "hub"[\s\S]*members is empty/,
    ],
  ])("refuses to send %s to a member", (_title, props, message) => {
    expect(() => new NetworkMesh(gridStack(), "mesh", props)).toThrow(message);
  });

  it("is imported by any of its contracts", () => {
    const stack = gridStack();
    new NetworkMesh(stack, "mesh").importFrom("17");
    expect(JSON.parse(Testing.synth(stack)).import).toEqual([{ id: "17", to: "threefold_network.mesh" }]);
  });
});
