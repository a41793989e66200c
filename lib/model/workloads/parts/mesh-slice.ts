import { hashedCidr } from "../../wire/ip-address";
import { cidrBlock, type FieldReaders, hexBytes, listOf, struct, text, unsigned } from "../../wire/reader";

/**
 * One node's part of a WireGuard mesh: what both kinds of network share.
 *
 * @source zosbase pkg/gridtypes/zos/network.go, network_light.go
 */
export interface MeshSlice {
  /** The whole mesh, a private IPv4 /16. */
  readonly ip_range: string;
  /** The node's own /24 of it. */
  readonly subnet: string;
  /** Base64 of 32 bytes, in clear: whoever sees the deployment sees the key. */
  readonly wireguard_private_key: string;
  /** UDP port on the node, 1024–32767 by convention. */
  readonly wireguard_listen_port: number;
  /** The other ends. */
  readonly peers: readonly Peer[];
}

/** Another end of the mesh. */
export interface Peer {
  /** Its /24; the node only checks that there is one. */
  readonly subnet: string;
  /** Base64 of 32 bytes. */
  readonly wireguard_public_key: string;
  /** What is routed to it, at least one block; two peers of one node must not share any. */
  readonly allowed_ips: readonly string[];
  /** `host:port`, or empty when it dials in. */
  readonly endpoint: string;
}

/** The mycelium side of a network on one node. */
export interface NetworkMycelium {
  /** 64 hexadecimal digits: the X25519 private key that decides the /64 of the machines. */
  readonly hex_key: string;
  /** Must be empty: nodes refuse peers of the user. */
  readonly peers: readonly string[];
}

/** Networks have no facts to tell. */
export type NetworkResult = Readonly<Record<string, never>>;

/** Reads a peer. */
export const readPeer = struct<Peer>({
  subnet: cidrBlock,
  wireguard_public_key: text,
  allowed_ips: listOf(cidrBlock),
  endpoint: text,
});

/** Readers of the shared fields. */
export const meshSliceFields: FieldReaders<MeshSlice> = {
  ip_range: cidrBlock,
  subnet: cidrBlock,
  wireguard_private_key: text,
  wireguard_listen_port: unsigned(16),
  peers: listOf(readPeer),
};

/** Reads the mycelium side. */
export const readMycelium = struct<NetworkMycelium>({ hex_key: hexBytes, peers: listOf(text) });

/** Why the node refuses a peer; undefined when it takes it. */
export function peerProblem(peer: Peer): string | undefined {
  if (peer.subnet === "") return "peer wireguard subnet cannot empty";
  if (peer.allowed_ips.length === 0) return "peer wireguard allowedIPs cannot empty";
  return peer.wireguard_public_key === "" ? "peer wireguard public key cannot empty" : undefined;
}

/** Why the node refuses the mycelium side; undefined when it takes it. */
export function myceliumProblem({ hex_key, peers }: NetworkMycelium): string | undefined {
  if (hex_key.length !== 64) return "invalid mycelium key length, expected 32";
  return peers.length > 0 ? "user defined peers list is not supported right now" : undefined;
}

/** The challenge of a network, with its mycelium side when it has one. */
export function meshChallenge(slice: MeshSlice, mycelium: NetworkMycelium | undefined): string {
  return [
    hashedCidr(slice.ip_range),
    hashedCidr(slice.subnet),
    slice.wireguard_private_key,
    slice.wireguard_listen_port,
    ...slice.peers.flatMap((peer) => [
      peer.wireguard_public_key,
      peer.endpoint,
      hashedCidr(peer.subnet),
      ...peer.allowed_ips.map(hashedCidr),
    ]),
    ...(mycelium ? [mycelium.hex_key.toLowerCase(), ...mycelium.peers] : []),
  ].join("");
}
