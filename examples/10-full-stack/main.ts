/**
 * A small shop, whole: a Kubernetes cluster, a machine with a store, and the web in front of both, in one private network.
 *
 * What you get    A mesh with a laptop in it; `k8s`, one server and two workers; `api`, a machine that keeps its data in the zdb
 *                 `orders`; and two web addresses: `shop` for the cluster's ingress, `api` for the machine.
 * What it costs   Nothing on devgrid, the grid on your own machine. On a real network some 40 USD a month for four machines and
 *                 10 GiB, paid in TFT, and some cents for the two reserved names.
 * What to change  WORKERS for more of them. NETWORK=test or main for a real network, with the account's mnemonic in
 *                 THREEFOLD_MNEMONIC; choose other names for the gateways there: each exists once on a network.
 */
import { App, TerraformOutput } from "cdktf";
import { Gateway, GridStack, Image, KubernetesCluster, NetworkMesh, Size, VirtualMachine, Zdb } from "cdktf-threefold";
import type { Construct } from "constructs";

class ShopStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: process.env.NETWORK ?? "devgrid", project: "example-shop" });

    const mesh = new NetworkMesh(this, "mesh", { ipRange: "10.24.0.0/16", access: ["laptop"] });
    const cluster = new KubernetesCluster(this, "k8s", {
      mesh,
      servers: { cpu: 2, memory: Size.gib(4) },
      workers: [{ name: "web", count: Number(process.env.WORKERS ?? 2), cpu: 1, memory: Size.gib(2) }],
    });
    const orders = new Zdb(this, "orders", { size: Size.gib(10) });
    const api = new VirtualMachine(this, "api", {
      mesh,
      cpu: 1,
      memory: Size.gib(1),
      image: Image.ubuntu("24.04"),
      mycelium: true,
      connections: { ORDERS: orders },
    });

    // The ingress of k3s answers on port 443 of every worker and holds the certificates itself.
    const ingress = cluster.workers.map((worker) => worker.tcp(443));
    const shop = new Gateway(this, "shop", { name: "example-shop", backends: ingress, tlsPassthrough: true });
    const www = new Gateway(this, "www", { name: "example-shop-api", backend: api.http(8080) });

    new TerraformOutput(this, "shop-url", { value: shop.url });
    new TerraformOutput(this, "api-url", { value: www.url });
    new TerraformOutput(this, "api-ip", { value: mesh.addressOf(api) });
  }
}

const app = new App();
new ShopStack(app, "shop");
app.synth();
