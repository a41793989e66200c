/**
 * A Kubernetes cluster: one server and a pool of workers, in a private network that your laptop can dial into.
 *
 * What you get    k3s with Traefik, a load balancer, storage on each machine's own disk, and a Deployment of two web servers
 *                 that is there as soon as the cluster is.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network some 15 to 25 USD a month for the
 *                 machines, paid in TFT; the network itself is free.
 * What to change  WORKERS=3 for more workers: those that run are not touched. Sizes, labels and places of a pool, more pools.
 *                 NETWORK=test or main for a real network, with the account's mnemonic in THREEFOLD_MNEMONIC.
 *
 *   npx threefold access mesh laptop > wg-mesh.conf && sudo wg-quick up ./wg-mesh.conf
 *   npx threefold kubeconfig k8s > kubeconfig && kubectl --kubeconfig kubeconfig get nodes
 */
import { App, TerraformOutput } from "cdktf";
import { GridStack, KubernetesCluster, NetworkMesh, Placement, Size } from "cdktf-threefold";
import type { Construct } from "constructs";

const HELLO = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: hello }
spec:
  replicas: 2
  selector: { matchLabels: { app: hello } }
  template:
    metadata: { labels: { app: hello } }
    spec:
      containers: [{ name: web, image: "nginx:1.27", ports: [{ containerPort: 80 }] }]
`;

class ClusterStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-kubernetes" });

    const mesh = new NetworkMesh(this, "mesh", { access: ["laptop"] });
    const cluster = new KubernetesCluster(this, "k8s", {
      mesh,
      servers: { cpu: 2, memory: Size.gib(4), disk: Size.gib(25) },
      workers: [
        {
          name: "web",
          count: Number(process.env.WORKERS ?? 2),
          cpu: 2,
          memory: Size.gib(4),
          disk: Size.gib(50),
          labels: { tier: "web" },
          placement: Placement.where({ country: "Belgium" }),
        },
      ],
      manifests: { hello: HELLO },
    });

    new TerraformOutput(this, "api", { value: cluster.serverAddresses[0] });
  }
}

const app = new App();
new ClusterStack(app, "kubernetes");
app.synth();
