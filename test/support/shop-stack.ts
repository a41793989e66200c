/** A program with one of everything, for tests that look at all that is synthesised. */
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import {
  Gateway,
  GridStack,
  Image,
  NetworkMesh,
  Placement,
  QuantumStorage,
  Secret,
  Size,
  VirtualMachine,
  Zdb,
} from "../../lib";

/** Environment variables and files whose content must never be synthesised. */
export const CANARIES = { SHOP_API_KEY: "canary-api-key", THREEFOLD_MNEMONIC: "canary mnemonic words" };

/** A shop: mesh, store, two machines in the mesh and one on its own, and a gateway in front of one. */
export class ShopStack extends GridStack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { network: "devgrid", project: "shop", installProvider: false });
    const mesh = new NetworkMesh(this, "mesh", { access: ["laptop"], members: { hub: Placement.node(4) } });
    const db = new Zdb(this, "db", { size: Size.gib(10) });
    const web = new VirtualMachine(this, "web", {
      mesh,
      cpu: 2,
      memory: Size.gib(4),
      image: Image.ubuntu("24.04"),
      disks: [{ size: Size.gib(50), mountPoint: "/data" }],
      env: { GREETING: "hello", ...db.connection().env },
      secretEnv: { API_KEY: Secret.fromEnv("SHOP_API_KEY"), ...db.connection().secretEnv },
      placement: Placement.where({ country: "Belgium", certified: true }).and(Placement.spread("shop")),
    });
    new Gateway(this, "www", { name: "shop", backend: web.http(8080) });
    new VirtualMachine(this, "worker", { mesh, cpu: 1, memory: Size.mib(512), image: Image.official("alpine-3") });
    const storage = new QuantumStorage(this, "files", { size: Size.gib(10), expectedShards: 2 });
    new VirtualMachine(this, "alone", {
      cpu: 1,
      memory: Size.gib(1),
      image: "https://hub.grid.tf/me.3bot/app-latest.flist",
      secretEnv: { TOKEN: Secret.fromFile("/run/secrets/token") },
      publicIpv4: true,
      quantumStorage: [{ storage, mountPoint: "/qsfs" }],
    });
    new TerraformOutput(this, "web-ip", { value: mesh.addressOf(web) });
  }
}
