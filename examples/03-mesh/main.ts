/**
 * Three machines on three nodes in one private network, and your laptop in it, too.
 *
 * What you get    A WireGuard mesh: `front` on a node with a public address, where the laptop dials in; `back` anywhere;
 *                 `vault` on a hidden node that nobody can dial. All reach each other by their private addresses.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network some 5 to 10 USD a month for the three
 *                 machines, paid in TFT; the mesh itself is free.
 * What to change  Add machines to the list. `access` for more computers: `npx threefold access` prints what each has to
 *                 be told. NETWORK=test or main for a real network, with the account's mnemonic in THREEFOLD_MNEMONIC.
 */
import { App, TerraformOutput } from "cdktf";
import { GridStack, Image, NetworkMesh, Placement, Size, VirtualMachine } from "cdktf-threefold";
import type { Construct } from "constructs";

class MeshStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-mesh" });

    const mesh = new NetworkMesh(this, "mesh", { ipRange: "10.21.0.0/16", access: ["laptop"] });
    const apart = Placement.spread("machines");
    const machines = {
      front: Placement.where({ publicAccess: true }).and(apart),
      back: apart,
      vault: Placement.where({ publicAccess: false }).and(apart),
    };

    for (const [name, placement] of Object.entries(machines)) {
      const machine = new VirtualMachine(this, name, {
        mesh,
        cpu: 1,
        memory: Size.gib(1),
        image: Image.ubuntu("24.04"),
        placement,
      });
      new TerraformOutput(this, `${name}-ip`, { value: mesh.addressOf(machine) });
    }
  }
}

const app = new App();
new MeshStack(app, "mesh");
app.synth();
