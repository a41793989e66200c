/**
 * A private network with a machine in it, a key-value store that the machine uses, and a way in for your laptop: what
 * `npm run demo` deploys.
 *
 * What you get    A WireGuard mesh that `laptop` can dial into; Ubuntu with a disk of 50 GiB in Belgium; a zdb of 10 GiB,
 *                 whose address and password the machine finds in its environment.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network the machine's size and the store's,
 *                 some 10 USD a month, paid in TFT; the mesh itself is free.
 * What to change  Sizes and place. NETWORK=test or main for a real network, with the account's mnemonic in
 *                 THREEFOLD_MNEMONIC.
 */
import { App, TerraformOutput } from "cdktf";
import { GridStack, Image, NetworkMesh, Placement, Size, VirtualMachine, Zdb } from "cdktf-threefold";
import type { Construct } from "constructs";

class Demo extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "demo" });

    const mesh = new NetworkMesh(this, "mesh", { access: ["laptop"] });
    const db = new Zdb(this, "db", { size: Size.gib(10) });
    const web = new VirtualMachine(this, "web", {
      mesh,
      cpu: 2,
      memory: Size.gib(4),
      image: Image.ubuntu("24.04"),
      disks: [{ size: Size.gib(50), mountPoint: "/data" }],
      mycelium: true,
      placement: Placement.where({ country: "Belgium", certified: true }),
      ...db.connection(),
    });

    new TerraformOutput(this, "web-ip", { value: web.ip });
  }
}

const app = new App();
new Demo(app, "demo");
app.synth();
