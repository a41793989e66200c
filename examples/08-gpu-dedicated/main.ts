/**
 * A whole node for yourself, and a machine on it.
 *
 * What you get    The smallest node of Finland with 16 cores and 64 GiB that nobody has, rented: nobody else can use it, and what
 *                 you run on it costs no more. An Ubuntu on it, reachable over Yggdrasil. The node is rented before the machine
 *                 is made and given back after it is gone.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network half the price of all the node has, paid in
 *                 TFT, and its farmer's extra fee: from some 40 USD a month.
 * What to change  `memory`, `cpu`, `ssd`: what the node has at least. `placement`: where it is. More machines with
 *                 `placement: node.placement`. NETWORK=test or main for a real network, with the account's mnemonic in
 *                 THREEFOLD_MNEMONIC.
 */
import { App, TerraformOutput } from "cdktf";
import { DedicatedNode, GridStack, Image, Placement, Size, VirtualMachine } from "cdktf-threefold";
import type { Construct } from "constructs";

class DedicatedStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-dedicated" });

    const node = new DedicatedNode(this, "own", {
      cpu: 16,
      memory: Size.gib(64),
      placement: Placement.where({ country: "Finland" }),
    });
    const machine = new VirtualMachine(this, "machine", {
      cpu: 8,
      memory: Size.gib(32),
      image: Image.ubuntu("24.04"),
      planetary: true,
      placement: node.placement,
    });

    new TerraformOutput(this, "node", { value: node.nodeId });
    new TerraformOutput(this, "address", { value: machine.planetaryIp });
  }
}

const app = new App();
new DedicatedStack(app, "dedicated");
app.synth();
