/**
 * A whole node for yourself, and a machine on it with the node's first graphics card.
 *
 * What you get    The smallest node of Finland with 32 cores and 128 GiB that nobody has, rented: nobody else can use it, and what
 *                 you run on it costs no more. An Ubuntu on it with a graphics card, reachable over Yggdrasil. The node is rented
 *                 before the machine is made and given back after it is gone.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network half the price of all the node has, paid in
 *                 TFT, and its farmer's extra fee: from some 40 USD a month.
 * What to change  CPU, the machine's cores. `memory`, `cpu`, `ssd`: what the node has at least. `placement`: where it is. More
 *                 machines with `placement: node.placement`. NETWORK=test or main for a real network, with the account's
 *                 mnemonic in THREEFOLD_MNEMONIC.
 */
import { App, TerraformOutput } from "cdktf";
import {
  DedicatedNode,
  dataThreefoldNodeGpus,
  GridStack,
  Image,
  Placement,
  Size,
  VirtualMachine,
} from "cdktf-threefold";
import type { Construct } from "constructs";

class DedicatedStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-dedicated" });

    const node = new DedicatedNode(this, "own", {
      cpu: 32,
      memory: Size.gib(128),
      placement: Placement.where({ country: "Finland" }),
    });
    const cards = new dataThreefoldNodeGpus.DataThreefoldNodeGpus(this, "cards", { nodeId: node.nodeId });
    const machine = new VirtualMachine(this, "machine", {
      cpu: Number(process.env.CPU ?? 8),
      memory: Size.gib(32),
      gpus: [cards.gpus.get(0).id],
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
