/**
 * What you get: a private network with a way in for your laptop, a machine in it, and a key-value store that it uses.
 * What it costs: nothing on devgrid, the grid in one process that this runs on by default. On a real network, the
 * machine's size and the store's.
 * What to change: the sizes and the place. `THREEFOLD_NETWORK=main` deploys to the real grid, with the account in
 * `MNEMONIC`.
 */
import { App, TerraformOutput } from "cdktf";
import { GridStack, Image, NetworkMesh, Placement, Size, VirtualMachine, Zdb } from "cdktf-threefold";
import type { Construct } from "constructs";

class Demo extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.THREEFOLD_NETWORK ?? "devgrid", project: "demo" });

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
