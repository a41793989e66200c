import { Token } from "cdktf";
import type { NetworkMesh } from "./network-mesh";

/** How a gateway's node gets to a machine: over the internet, the mycelium overlay, or the mesh that both are in. */
export type BackendRoute = "public" | "mycelium" | "mesh";

/** How a backend is reached. */
export interface BackendOptions {
  /** @default the first that the machine has of: public IPv4, mycelium address, its address in the mesh */
  readonly over?: BackendRoute;
}

/** What a backend consists of. */
interface BackendParts {
  readonly protocol: "http" | "tcp";
  /** IPv4 or IPv6 without brackets, perhaps only known to Terraform. */
  readonly address: string;
  readonly isIpv6: boolean;
  readonly port: number;
  readonly mesh: NetworkMesh | undefined;
}

/** Where a gateway sends requests: made by `http()` or `tcp()` of a machine. */
export class Backend {
  /** `http`: the gateway ends TLS and speaks plain http to it. `tcp`: bytes as they come, TLS included. */
  readonly protocol: "http" | "tcp";
  /** The mesh whose private address it is; undefined for other addresses. */
  readonly mesh: NetworkMesh | undefined;
  /** As a gateway takes it: `http://10.20.2.2:8080`, `[4a0:…]:443`. */
  readonly text: string;

  /** Made by machines. */
  constructor({ protocol, address, isIpv6, port, mesh }: BackendParts) {
    const host = isIpv6 ? `[${address}]` : address;
    const scheme = protocol === "http" ? "http://" : "";
    this.protocol = protocol;
    this.mesh = mesh;
    this.text = `${scheme}${host}:${Token.asString(port)}`;
  }
}
