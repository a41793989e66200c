import type { MeshTopology } from "../../lib/model/mesh";
import { wireguardAddress } from "../../lib/model/mesh";
import { type Cidr, cidrContains, parseCidr, parseIp } from "../../lib/model/wire/ip-address";
import type { Peer } from "../../lib/model/workloads/network";

/** One end of a mesh as WireGuard sees it. */
interface End {
  readonly key: string;
  readonly subnet: string;
  readonly isDialable: boolean;
  readonly peers: readonly Peer[];
}

/** Moves packets through a mesh by WireGuard's own rules, to see who reaches whom. */
export class MeshSimulation {
  readonly #ends: ReadonlyMap<string, End>;

  constructor(topology: MeshTopology, peersOf: ReadonlyMap<number, readonly Peer[]>, ipRange: string) {
    const nodes = topology.members.map(({ nodeId, publicKey, subnet, endpoint }): End => {
      return { key: publicKey, subnet, isDialable: endpoint !== undefined, peers: peersOf.get(nodeId) ?? [] };
    });
    const users = topology.accessPoints.map(({ nodeId, publicKey, subnet }): End => {
      const access = topology.members.find((member) => member.nodeId === nodeId);
      const peer = {
        subnet,
        wireguard_public_key: access?.publicKey ?? "",
        allowed_ips: [ipRange, "100.64.0.0/16"],
        endpoint: "dialled",
      };
      return { key: publicKey, subnet, isDialable: false, peers: [peer] };
    });
    this.#ends = new Map([...nodes, ...users].map((end) => [end.key, end]));
  }

  /** Pairs of ends, one of whose addresses cannot send to one of the other's. */
  unreachable(): string[] {
    const ends = [...this.#ends.values()];
    return ends.flatMap((from) =>
      ends
        .filter((to) => to !== from)
        .flatMap((to) =>
          addressesOf(from).flatMap((source) => addressesOf(to).map((target) => ({ from, to, source, target }))),
        )
        .filter(({ from: start, to: goal, source, target }) => !this.#delivers(start, goal, { source, target }))
        .map(({ source, target }) => `${source} -> ${target}`),
    );
  }

  #delivers(start: End, goal: End, packet: { readonly source: string; readonly target: string }): boolean {
    let at = start;
    for (let hop = 0; hop < 5; hop++) {
      if (at === goal) return true;
      const route = longestMatch(at.peers, packet.target);
      const next = route && this.#ends.get(route.wireguard_public_key);
      const back = next?.peers.find(({ wireguard_public_key }) => wireguard_public_key === at.key);
      // Cryptokey routing: the receiver drops what it would not send back the same way.
      if (!next || !back || longestMatch(next.peers, packet.source) !== back) return false;
      if (!isConnected(at, route, next, back)) return false;
      at = next;
    }
    return false;
  }
}

/** One of the two must know where the other is, and be right. */
function isConnected(from: End, route: Peer, to: End, back: Peer): boolean {
  return (route.endpoint !== "" && to.isDialable) || (back.endpoint !== "" && from.isDialable);
}

function addressesOf({ subnet }: End): string[] {
  return [subnet.replace(/0\/24$/, "2"), wireguardAddress(subnet)];
}

function longestMatch(peers: readonly Peer[], address: string): Peer | undefined {
  const bytes = parseIp(address) ?? new Uint8Array();
  let best: { readonly peer: Peer; readonly prefix: number } | undefined;
  for (const peer of peers) {
    for (const { prefix } of blocksOf(peer).filter((block) => cidrContains(block, bytes))) {
      if (prefix > (best?.prefix ?? -1)) best = { peer, prefix };
    }
  }
  return best?.peer;
}

const parsedBlocks = new WeakMap<Peer, readonly Cidr[]>();

function blocksOf(peer: Peer): readonly Cidr[] {
  const blocks = parsedBlocks.get(peer) ?? peer.allowed_ips.flatMap((block) => parseCidr(block) ?? []);
  parsedBlocks.set(peer, blocks);
  return blocks;
}
