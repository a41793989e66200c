/**
 * Moves packets through a mesh by WireGuard's own rules, to see who reaches whom: the longest allowed block that holds
 * the address picks the peer, the receiver drops what it would not send back the same way, and one of the two must be
 * able to dial the other. Independent of how peers are computed.
 */
import type { MeshTopology } from "../../lib/model/mesh";
import { wireguardAddress } from "../../lib/model/mesh";
import { parseCidr, parseIp } from "../../lib/model/wire/ip-address";
import type { Peer } from "../../lib/model/workloads/network";

/** A mesh as it was computed. */
export interface SimulatedMesh {
  readonly topology: MeshTopology;
  /** Peers of every member, by node id. */
  readonly peersOf: ReadonlyMap<number, readonly Peer[]>;
  readonly ipRange: string;
  /** Members that can send to IPv6 addresses; all can send to IPv4 ones. */
  readonly ipv6Nodes: ReadonlySet<number>;
}

/** One end of a mesh as WireGuard sees it. */
interface End {
  readonly key: string;
  readonly addresses: readonly { readonly text: string; readonly bits: number }[];
  /** Families of addresses that packets can be sent to. */
  readonly sendsTo: readonly ("ipv4" | "ipv6")[];
  /** Family of the address it is dialled at. */
  readonly dialledBy: "ipv4" | "ipv6" | undefined;
  readonly peers: readonly Peer[];
  readonly peerByKey: ReadonlyMap<string, Peer>;
  /** Peers by network number, longest blocks first. */
  readonly routes: readonly { readonly mask: number; readonly peers: ReadonlyMap<number, Peer> }[];
}

/** A mesh whose every connection can be tried. */
export class MeshSimulation {
  readonly #ends: ReadonlyMap<string, End>;

  constructor({ topology, peersOf, ipRange, ipv6Nodes }: SimulatedMesh) {
    const nodes = topology.members.map((member) =>
      endOf(member, peersOf.get(member.nodeId) ?? [], {
        sendsTo: ipv6Nodes.has(member.nodeId) ? ["ipv4", "ipv6"] : ["ipv4"],
        dialledBy: familyOf(member.endpoint),
      }),
    );
    const users = topology.accessPoints.map((point) => {
      const access = topology.members.find((member) => member.nodeId === point.nodeId);
      const peer = {
        subnet: point.subnet,
        wireguard_public_key: access?.publicKey ?? "",
        allowed_ips: [ipRange, "100.64.0.0/16"],
        endpoint: "dialled",
      };
      // What a user's line can do is not known: IPv4 is what everybody has.
      return endOf(point, [peer], { sendsTo: ["ipv4"], dialledBy: undefined });
    });
    this.#ends = new Map([...nodes, ...users].map((end) => [end.key, end]));
  }

  /** Pairs of addresses, one of which cannot send to the other, with what becomes of the packet. */
  failures(): string[] {
    const ends = [...this.#ends.values()];
    return ends.flatMap((from) => ends.filter((to) => to !== from).flatMap((to) => this.#failuresBetween(from, to)));
  }

  /** Blocks of two peers of one end that overlap: WireGuard would keep one of the two only. */
  overlaps(): string[] {
    return [...this.#ends.values()].flatMap(({ key, peers }) => {
      const blocks = peers.flatMap((peer, index) => peer.allowed_ips.map((block) => ({ index, ...numbersOf(block) })));
      return blocks.flatMap((a, at) =>
        blocks
          .slice(at + 1)
          .filter((b) => a.index !== b.index && ((a.network ^ b.network) & a.mask & b.mask) === 0)
          .map((b) => `${key}: ${a.text} and ${b.text}`),
      );
    });
  }

  #failuresBetween(from: End, to: End): string[] {
    return from.addresses.flatMap((source) =>
      to.addresses.flatMap((target) => {
        const problem = this.#problem(from, to, { source: source.bits, target: target.bits });
        return problem === undefined ? [] : [`${source.text} -> ${target.text}: ${problem}`];
      }),
    );
  }

  #problem(start: End, goal: End, packet: { readonly source: number; readonly target: number }): string | undefined {
    const passed = new Set<End>();
    for (let at = start; at !== goal; ) {
      if (passed.has(at)) return `goes round in a loop at ${at.key}`;
      passed.add(at);
      const route = routeTo(at, packet.target);
      const next = route && this.#ends.get(route.wireguard_public_key);
      if (!next) return `${at.key} has no route`;
      const back = next.peerByKey.get(at.key);
      if (!back || routeTo(next, packet.source) !== back) return `${next.key} drops what comes from ${at.key}`;
      if (!dials(at, route, next) && !dials(next, back, at)) return `${at.key} and ${next.key} cannot dial each other`;
      at = next;
    }
    return undefined;
  }
}

function endOf(
  { publicKey, subnet }: { readonly publicKey: string; readonly subnet: string },
  peers: readonly Peer[],
  line: Pick<End, "sendsTo" | "dialledBy">,
): End {
  const texts = [subnet.replace(/0\/24$/, "2"), wireguardAddress(subnet)];
  return {
    key: publicKey,
    addresses: texts.map((text) => ({ text, bits: bitsOf(text) })),
    peers,
    peerByKey: new Map(peers.map((peer) => [peer.wireguard_public_key, peer])),
    routes: routesOf(peers),
    ...line,
  };
}

function dials(from: End, peer: Peer, to: End): boolean {
  return peer.endpoint !== "" && to.dialledBy !== undefined && from.sendsTo.includes(to.dialledBy);
}

/** As WireGuard takes a configuration in: of two peers with the same block the later one has it. */
function routesOf(peers: readonly Peer[]): End["routes"] {
  const byMask = new Map<number, Map<number, Peer>>();
  for (const peer of peers) {
    for (const { mask, network } of peer.allowed_ips.map(numbersOf)) {
      byMask.set(mask, (byMask.get(mask) ?? new Map<number, Peer>()).set(network, peer));
    }
  }
  return [...byMask].sort(([a], [b]) => (b >>> 0) - (a >>> 0)).map(([mask, networks]) => ({ mask, peers: networks }));
}

function routeTo({ routes }: End, target: number): Peer | undefined {
  for (const { mask, peers } of routes) {
    const peer = peers.get(target & mask);
    if (peer) return peer;
  }
  return undefined;
}

/** A block of addresses as numbers. */
interface Block {
  readonly text: string;
  readonly mask: number;
  readonly network: number;
}

/** The same few blocks come again and again. */
const known = new Map<string, Block>();

function numbersOf(block: string): Block {
  const numbers = known.get(block) ?? computeNumbers(block);
  known.set(block, numbers);
  return numbers;
}

function computeNumbers(block: string): Block {
  const prefix = parseCidr(block)?.prefix ?? 0;
  const mask = prefix === 0 ? 0 : -1 << (32 - prefix);
  return { text: block, mask, network: bitsOf(block.split("/")[0] ?? "") & mask };
}

function bitsOf(ip: string): number {
  return Buffer.from(parseIp(ip) ?? new Uint8Array(4)).readInt32BE();
}

function familyOf(address: string | undefined): End["dialledBy"] {
  if (address === undefined) return undefined;
  return parseIp(address)?.length === 4 ? "ipv4" : "ipv6";
}
