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
