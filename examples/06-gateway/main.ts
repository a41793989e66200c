/**
 * Two machines without a public address, and one web address in front of them.
 *
 * What you get    `https://<name>.<domain of a gateway node>` with a certificate, which spreads requests over two machines. They
 *                 sit in a private network of their own, on nodes that nobody can dial; the gateway's node joins it.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network some 5 to 7 USD a month for the two
 *                 machines and some cents for the reserved name, paid in TFT. The gateway itself is free but for its traffic.
 * What to change  `name`: the first to reserve it has it, on the whole network. `domain: "www.example.org"` in its place for a
 *                 domain of your own, whose DNS has to point to `dnsTarget`. More machines in the list, or PORT. NETWORK=test
 *                 or main for a real network, with the account's mnemonic in THREEFOLD_MNEMONIC.
 */
import { App, TerraformOutput } from "cdktf";
import { Gateway, GridStack, Image, NetworkMesh, Placement, Size, VirtualMachine } from "cdktf-threefold";
import type { Construct } from "constructs";

class GatewayStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-gateway" });

    const port = Number(process.env.PORT ?? 8080);
    const mesh = new NetworkMesh(this, "mesh", { ipRange: "10.22.0.0/16" });
    const machines = ["left", "right"].map(
      (name) =>
        new VirtualMachine(this, name, {
          mesh,
          cpu: 1,
          memory: Size.gib(1),
          image: Image.ubuntu("24.04"),
          entrypoint: `/usr/bin/python3 -m http.server ${port}`,
          placement: Placement.where({ publicAccess: false }).and(Placement.spread("machines")),
        }),
    );
    const gateway = new Gateway(this, "www", {
      name: "cdktf-example",
      backends: machines.map((machine) => machine.http(port)),
    });

    new TerraformOutput(this, "url", { value: gateway.url });
  }
}

const app = new App();
new GatewayStack(app, "gateway");
app.synth();
