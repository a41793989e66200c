/**
 * A virtual machine with a data disk and a mycelium address, reachable by SSH.
 *
 * What you get    Ubuntu 24.04 on any node with room: 1 core, 2 GiB of memory, 10 GiB of disk under /data.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network some 3 to 6 USD a month, paid in TFT.
 * What to change  SSH_KEY=~/.ssh/id_ed25519.pub for your key. NETWORK=test or main for a real network, with the account's
 *                 mnemonic in THREEFOLD_MNEMONIC. `placement` for where it runs, `publicIpv4: true` for a public address.
 *
 *   cdktf deploy         makes it, and changes it when this file changes
 *   cdktf destroy        ends it and its cost
 */
import { readFileSync } from "node:fs";
import { App, TerraformOutput } from "cdktf";
import { GridStack, Image, Placement, Size, VirtualMachine } from "cdktf-threefold";
import type { Construct } from "constructs";

class MachineStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-machine" });
    const keyFile = process.env.SSH_KEY;

    const machine = new VirtualMachine(this, "web", {
      cpu: 1,
      memory: Size.gib(2),
      image: Image.ubuntu("24.04"),
      disks: [{ size: Size.gib(10), mountPoint: "/data" }],
      mycelium: true,
      env: { GREETING: "hello from the grid" },
      sshKeys: keyFile ? [readFileSync(keyFile, "utf8")] : [],
      placement: Placement.where({ country: "Belgium" }),
    });

    new TerraformOutput(this, "address", { value: machine.myceliumIp });
    new TerraformOutput(this, "node", { value: machine.nodeId });
    new TerraformOutput(this, "contract", { value: machine.contractId });
  }
}

const app = new App();
new MachineStack(app, "machine");
app.synth();
