import "../support/setup";
import { Testing } from "cdktf";
import {
  dataThreefoldNodeGpus,
  GridStack,
  Image,
  Placement,
  Size,
  VirtualMachine,
  type VirtualMachineProps,
  virtualMachine,
} from "../../lib";
import { later } from "../support/tokens";

const minimal = { cpu: 1, memory: Size.mib(512), image: Image.ubuntu("24.04") };
const machineOf = (props: Partial<VirtualMachineProps>) =>
  new VirtualMachine(new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" }), "web", {
    ...minimal,
    ...props,
  });
const synthesised = (props: Partial<VirtualMachineProps>) => Testing.synth(machineOf(props).resource.cdktfStack);

const AMD = "0000:28:00.0/1002/731f";
const NVIDIA = "0000:41:00.0/10de/2204";

describe("VirtualMachine with graphics cards", () => {
  it("asks for cards of the node it is placed on", () => {
    expect(synthesised({ placement: Placement.node(11), gpus: [AMD, NVIDIA] })).toHaveResourceWithProperties(
      virtualMachine.VirtualMachine,
      { gpus: [AMD, NVIDIA] },
    );
  });

  it("lets cards pass that only Terraform knows", () => {
    const stack = new GridStack(Testing.app(), "shop", { network: "devgrid", project: "shop" });
    const cards = new dataThreefoldNodeGpus.DataThreefoldNodeGpus(stack, "cards", { nodeId: 11 });
    new VirtualMachine(stack, "web", { ...minimal, placement: Placement.node(11), gpus: cards.free });
    expect(Testing.synth(stack)).toHaveResourceWithProperties(virtualMachine.VirtualMachine, {
      gpus: "${data.threefold_node_gpus.cards.free}",
    });
  });

  it.each<[string, Partial<VirtualMachineProps>, RegExp]>([
    ["a card by its name", { gpus: ["RTX 3090"] }, /gpus\[0\] cannot be "RTX 3090"[\s\S]*threefold_node_gpus/],
    ["one card twice", { gpus: [AMD, AMD] }, /gpus\[1\] cannot be[\s\S]*each card once/],
  ])("refuses %s", (_title, props, message) => {
    expect(() => machineOf({ placement: Placement.node(11), ...props })).toThrow(message);
  });

  it("refuses cards of no node in particular", () => {
    expect(() => machineOf({ gpus: [AMD] })).toThrow(/gpus names cards, and placement names no node/);
    expect(() => machineOf({ gpus: [AMD], placement: Placement.where({ country: "Finland" }) })).toThrow(
      /Placement\.node\(number\)/,
    );
    expect(() => machineOf({ gpus: [] })).not.toThrow();
  });
});

describe("VirtualMachine on nodes of either kind", () => {
  const requestOf = (text: string) => JSON.parse(text).resource.threefold_placement.placement.requests.web;

  it("asks for a light node, and says so", () => {
    const text = synthesised({ nodeKind: "light" });
    expect(text).toHaveResourceWithProperties(virtualMachine.VirtualMachine, { light: true });
    expect(requestOf(text).features).toEqual(["mycelium", "network-light", "zmachine-light"]);
  });

  it("takes whichever suits, and is what its node is", () => {
    const text = synthesised({ nodeKind: "any" });
    expect(text).toHaveResourceWithProperties(virtualMachine.VirtualMachine, {
      light: '${contains(threefold_placement.placement.nodes.web.features, "zmachine-light")}',
    });
    expect(requestOf(text).features).toEqual(["mycelium", "network|network-light", "zmachine|zmachine-light"]);
  });

  it("takes a full node for what only full nodes have", () => {
    expect(requestOf(synthesised({ nodeKind: "any", publicIpv4: true, planetary: true })).features).toEqual(
      expect.arrayContaining(["ip", "yggdrasil"]),
    );
  });

  it.each<[string, Partial<VirtualMachineProps>, RegExp]>([
    ["a public IPv4", { publicIpv4: true }, /publicIpv4 is asked for on a light node/],
    ["a public IPv6", { publicIpv6: true }, /publicIpv6 is asked for on a light node/],
    ["a Yggdrasil address", { planetary: true }, /planetary is asked for on a light node, which has no Yggdrasil/],
    ["log streams", { logs: ["ws://10.20.2.3"] }, /logs is asked for on a light node/],
    ["no way in", { mycelium: false }, /mycelium is off on a light node/],
  ])("refuses a light node that is asked for %s", (_title, props, message) => {
    expect(() => machineOf({ nodeKind: "light", ...props })).toThrow(message);
  });

  it("refuses to guess the kind of a node that only Terraform knows", () => {
    const props = { placement: Placement.node(later("node")) };
    expect(() => machineOf({ ...props, nodeKind: "any" })).toThrow(/nodeKind cannot be "any"[\s\S]*full or light/);
    expect(() => machineOf({ ...props, nodeKind: "light" })).not.toThrow();
  });
});

describe("VirtualMachine with log streams", () => {
  it("hands them over, and needs a node that has them", () => {
    const text = synthesised({ logs: ["wss://logs.example.com"], corex: true });
    expect(text).toHaveResourceWithProperties(virtualMachine.VirtualMachine, {
      logs: ["wss://logs.example.com"],
      corex: true,
    });
    expect(JSON.parse(text).resource.threefold_placement.placement.requests.web.features).toContain("zlogs");
  });

  it("refuses other ways to send them, and repeats no password", () => {
    expect(() => machineOf({ logs: ["https://logs.example.com"] })).toThrow(/logs\[0\] cannot be[\s\S]*wss:\/\//);
    const canary = { logs: ["redis://:canary@10.20.2.3"] };
    expect(() => machineOf(canary)).toThrow(/logs\[0\] holds a user or a password/);
    expect(() => machineOf(canary)).not.toThrow(/canary/);
  });
});
