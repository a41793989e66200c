/**
 * A machine with a file system that outlives the loss of a node.
 *
 * What you get    A small Ubuntu with /qsfs. What is written there is encrypted, cut into pieces and spread over stores on three
 *                 nodes, of which any two are enough to read it; four more stores keep the map of it. The key and the
 *                 passwords are derived from your account: no file, plan or state holds them.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network some 7 to 10 USD a month, paid in TFT,
 *                 nearly all of it for the machine and for the memory its node takes to serve the file system.
 * What to change  BACKENDS=4, or any number from 3: stores are added while the machine runs. `size`, which grows in place.
 *                 `passwordVersion: 2` for new passwords. NETWORK=test or main for a real network, with the account's
 *                 mnemonic in THREEFOLD_MNEMONIC.
 */
import { App, TerraformOutput } from "cdktf";
import { GridStack, Image, QuantumStorage, Size, VirtualMachine } from "cdktf-threefold";
import type { Construct } from "constructs";

class StorageStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-quantum-storage" });

    const storage = new QuantumStorage(this, "files", {
      size: Size.gib(10),
      backends: Number(process.env.BACKENDS ?? 3),
      expectedShards: 3,
      minimalShards: 2,
    });
    const machine = new VirtualMachine(this, "archive", {
      cpu: 1,
      memory: Size.gib(2),
      image: Image.ubuntu("24.04"),
      mycelium: true,
      quantumStorage: [{ storage, mountPoint: "/qsfs" }],
    });

    new TerraformOutput(this, "address", { value: machine.myceliumIp });
    new TerraformOutput(this, "metrics", { value: machine.resource.quantumStorageMetrics });
    new TerraformOutput(this, "stores", { value: storage.data.contractIds });
  }
}

const app = new App();
new StorageStack(app, "quantum-storage");
app.synth();
