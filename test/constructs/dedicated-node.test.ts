import "../support/setup";
import { Testing } from "cdktf";
import {
  DedicatedNode,
  type DedicatedNodeProps,
  dedicatedNode,
  GridStack,
  Image,
  NetworkMesh,
  Placement,
  Size,
  VirtualMachine,
} from "../../lib";

const gridStack = () => new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });

describe("DedicatedNode", () => {
  it("synthesises exactly what was asked for, on a node that can be rented", () => {
    const stack = gridStack();
    new DedicatedNode(stack, "own");
    const { resource } = JSON.parse(Testing.synth(stack));
    expect(resource.threefold_dedicated_node).toEqual({
      own: {
        project: expect.anything(),
        name: "own",
        identity: "own",
        node_id: "${threefold_placement.placement.nodes.own.node_id}",
      },
    });
    expect(resource.threefold_placement.placement.requests).toEqual({ own: { rentable: true } });
  });

  it("hands over what the node must have, and where", () => {
    const stack = gridStack();
    new DedicatedNode(stack, "own", {
      cpu: 16,
      memory: Size.gib(64),
      ssd: Size.tib(1),
      hdd: Size.gib(100),
      features: ["zmachine"],
      placement: Placement.where({ country: "Finland" }),
      name: "iron",
      identity: "shop/iron",
    });
    const { resource } = JSON.parse(Testing.synth(stack));
    expect(resource.threefold_placement.placement.requests).toEqual({
      "shop/iron": {
        cpu: 16,
        memory_mib: 65536,
        ssd_gib: 1024,
        hdd_gib: 100,
        features: ["zmachine"],
        country: "Finland",
        rentable: true,
      },
    });
    expect(Testing.synth(stack)).toHaveResourceWithProperties(dedicatedNode.DedicatedNode, {
      name: "iron",
      identity: "shop/iron",
    });
  });

  it("puts machines on itself by a reference, so that they come after it and go before it", () => {
    const stack = gridStack();
    const node = new DedicatedNode(stack, "own");
    const mesh = new NetworkMesh(stack, "mesh");
    new VirtualMachine(stack, "web", {
      cpu: 1,
      memory: Size.gib(1),
      image: Image.ubuntu(),
      mesh,
      placement: node.placement,
    });
    const { resource } = JSON.parse(Testing.synth(stack));
    const reference = "${threefold_dedicated_node.own.node_id}";
    expect(resource.threefold_virtual_machine.web.node_id).toBe(reference);
    expect(resource.threefold_network.mesh.hosts).toEqual({ web: reference });
    expect(Object.keys(resource.threefold_placement.placement.requests)).not.toContain("web");
  });

  it.each<[string, Partial<DedicatedNodeProps>, RegExp]>([
    ["no cores", { cpu: 0 }, /cpu cannot be 0/],
    ["a name with a dash", { name: "my-node" }, /does not allow the name "my-node"/],
    ["an identity with a blank", { identity: "my node" }, /cannot be an identity/],
  ])("refuses %s", (_title, props, message) => {
    expect(() => new DedicatedNode(gridStack(), "own", props)).toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    ["placement", { placement: {} }, /placement is an object[\s\S]*a Placement/],
    ["size", { memory: 64 }, /memory cannot be 64[\s\S]*a Size/],
    ["list of features", { features: "zmachine" }, /features is a text[\s\S]*a list/],
  ])("refuses what is no %s", (_title, props, message) => {
    expect(() => new DedicatedNode(gridStack(), "own", props)).toThrow(message);
  });

  it("is imported by the number of its contract", () => {
    const stack = gridStack();
    new DedicatedNode(stack, "own").importFrom("18");
    expect(JSON.parse(Testing.synth(stack)).import).toEqual([{ id: "18", to: "threefold_dedicated_node.own" }]);
  });
});
