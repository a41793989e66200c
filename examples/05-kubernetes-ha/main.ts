/**
 * A Kubernetes cluster that outlives any one of its servers.
 *
 * What you get    Three k3s servers on three nodes, which hold the cluster's data together and go on when one of them fails;
 *                 two workers, one of which is kept for databases.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network some 30 to 45 USD a month for the five
 *                 machines, paid in TFT.
 * What to change  REPLACE=server-1 for a new server in place of the first one: it joins the others, and they go on. Servers
 *                 talk to each other all the time: keep them in one region. NETWORK=test or main for a real network.
 */
import { App, TerraformOutput } from "cdktf";
import { GridStack, KubernetesCluster, NetworkMesh, Placement, Size } from "cdktf-threefold";
import type { Construct } from "constructs";

class HighlyAvailableStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-kubernetes-ha" });
    const { REPLACE: replaced } = process.env;

    const mesh = new NetworkMesh(this, "mesh", { ipRange: "10.24.0.0/16", access: ["laptop"] });
    const cluster = new KubernetesCluster(this, "k8s", {
      mesh,
      servers: {
        count: 3,
        cpu: 2,
        memory: Size.gib(4),
        placement: Placement.where({ region: "Europe" }),
        // Servers do the cluster's own work only.
        taints: ["node-role.example.org/server:NoSchedule"],
        config: { "secrets-encryption": true },
      },
      workers: [
        { name: "web", count: 1, cpu: 2, memory: Size.gib(4), disk: Size.gib(50) },
        { name: "db", count: 1, cpu: 2, memory: Size.gib(8), disk: Size.gib(100), taints: ["for=db:NoSchedule"] },
      ],
      disable: ["traefik"],
      replacements: replaced ? { [replaced]: 1 } : {},
    });

    cluster.serverAddresses.forEach((address, index) => {
      new TerraformOutput(this, `server-${index + 1}`, { value: address });
    });
  }
}

const app = new App();
new HighlyAvailableStack(app, "kubernetes-ha");
app.synth();
