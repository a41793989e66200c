/**
 * A key-value store and a machine that uses it.
 *
 * What you get    10 GiB on the hard disks of one node, spoken to in the redis protocol, and a small Ubuntu with everything
 *                 that is needed to reach it in its environment: ZDB_HOST, ZDB_PORT, ZDB_NAMESPACE, ZDB_PASSWORD.
 *                 The password is derived from your account: no file, plan or state holds it.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network some 3 to 6 USD a month, paid in TFT.
 * What to change  `size`, which grows in place. `passwordVersion: 2` for a new password. NETWORK=test or main for a real
 *                 network, with the account's mnemonic in THREEFOLD_MNEMONIC.
 */
import { App, TerraformOutput } from "cdktf";
import { GridStack, Image, Size, VirtualMachine, Zdb } from "cdktf-threefold";
import type { Construct } from "constructs";

class StoreStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-store" });

    const store = new Zdb(this, "store", { size: Size.gib(10), mode: "user" });
    const client = new VirtualMachine(this, "client", {
      cpu: 1,
      memory: Size.gib(1),
      image: Image.ubuntu("24.04"),
      mycelium: true,
      connections: { ZDB: store },
    });

    new TerraformOutput(this, "namespace", { value: store.namespace });
    new TerraformOutput(this, "addresses", { value: store.addresses });
    new TerraformOutput(this, "client-address", { value: client.myceliumIp });
  }
}

const app = new App();
new StoreStack(app, "store");
app.synth();
