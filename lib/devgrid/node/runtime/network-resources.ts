import { createHash } from "node:crypto";
import { base58Encode } from "@polkadot/util-crypto";
import { NodeError } from "../node-error";

/** A user's network as it is set up on this node. */
export interface NetworkResource {
  /** Its owner. */
  readonly twinId: number;
  /** Unique per owner. */
  readonly name: string;
  /** The part of the range that lives here, a /24. */
  readonly subnet: string;
  /** 0 when WireGuard is off. */
  readonly port: number;
  /** 64 hex digits; undefined when machines get no mycelium address here. */
  readonly myceliumKey: string | undefined;
}

/** The networks of a node and the WireGuard ports they hold. Lost when the node reboots. */
export class NetworkResources {
  readonly #networks: NetworkResource[];
  readonly #reservedPorts: readonly number[];
  readonly #notFound: string;

  constructor(networks: readonly NetworkResource[], node: { readonly isLight: boolean }) {
    this.#networks = [...networks];
    this.#reservedPorts = node.isLight ? [] : FULL_NODE_PORTS;
    this.#notFound = node.isLight ? "couldn't load network with name" : "couldn't load network with id";
  }

  /** Sets a network up, or again with new content. @throws {NodeError} when another network holds the port */
  put(network: NetworkResource): void {
    const others = this.#networks.filter((other) => other.twinId !== network.twinId || other.name !== network.name);
    const taken = [...this.#reservedPorts, ...others.map((other) => other.port)];
    if (network.port !== 0 && taken.includes(network.port)) {
      const detail = `port ${network.port} is already in the set`;
      throw new NodeError(`wireguard listen port already in use, pick another one: ${detail}`);
    }
    this.#networks.splice(0, this.#networks.length, ...others, network);
  }

  /** A network by its owner and name. @throws {NodeError} when the node has none of that name for this twin */
  require(twinId: number, name: string): NetworkResource {
    const network = this.#networks.find((candidate) => candidate.twinId === twinId && candidate.name === name);
    if (network) return network;
    const id = networkId(twinId, name);
    const path = `/var/run/cache/networkd/networks/${id}`;
    throw new NodeError(`${this.#notFound} (${id}): open ${path}: no such file or directory`);
  }

  /** Takes a network down and frees its port; machines on it are left without. */
  delete(twinId: number, name: string): void {
    const index = this.#networks.findIndex((candidate) => candidate.twinId === twinId && candidate.name === name);
    if (index >= 0) this.#networks.splice(index, 1);
  }

  /** Ports that a new network can't have. */
  ports(): number[] {
    const held = this.#networks.map((network) => network.port).filter((port) => port !== 0);
    return [...this.#reservedPorts, ...held].sort((a, b) => a - b);
  }

  /** Ready for JSON. */
  toJson(): NetworkResource[] {
    return structuredClone(this.#networks);
  }
}

/** Web server and its metrics, iperf, mycelium, Yggdrasil. @source zosbase pkg/network/networker.go (node source) */
const FULL_NODE_PORTS = [80, 300, 443, 8082, 9651, 9943, 9944, 9945];

/** How a node calls a user's network in its error texts. @source zosbase pkg/gridtypes/zos/network.go */
function networkId(twinId: number, name: string): string {
  return base58Encode(createHash("md5").update(`${twinId}:${name}`).digest()).slice(0, 13);
}
