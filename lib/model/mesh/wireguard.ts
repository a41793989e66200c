/** WireGuard as the grid uses it: addresses, keys, ports and the configuration for a user's own machine. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { GridError } from "../../core/errors";
import { joinHostPort } from "../wire/host-port";
import { requireIpv4Block, TRANSIT_RANGE } from "./address-plan";

/** Ports that official clients choose from. @source grid_client and tfgrid-sdk-go, the smaller upper bound */
const LISTEN_PORTS = { first: 1024, last: 32_767 } as const;

/** Ports that services of the node hold; light nodes do not list them. @source zosbase, observed */
const HELD_BY_NODES: readonly number[] = [80, 300, 443, 8082, 9651, 9943, 9944, 9945];

/** What comes before the 32 bytes of an X25519 private key in PKCS #8. @source RFC 8410 */
const PKCS8_X25519 = Buffer.from("302e020100300506032b656e04220420", "hex");

/** A user's own end of a mesh. */
export interface UserAccess {
  /** Its /24. */
  readonly subnet: string;
  /** Base64. */
  readonly privateKey: string;
}

/** The node a user's machine dials. */
export interface DialledNode {
  /** Base64. */
  readonly publicKey: string;
  /** Address without port; IPv4 for official clients. */
  readonly endpoint: string;
  /** Its WireGuard port. */
  readonly listenPort: number;
}

/** The WireGuard address that belongs to a /24: its middle octets behind 100.64. */
export function wireguardAddress(subnet: string): string {
  const [, second, third] = requireIpv4Block(subnet).bytes;
  return `100.64.${second}.${third}`;
}

/**
 * The base64 public key of a base64 private key.
 *
 * @throws {GridError} TFG_BAD_WIREGUARD_KEY when it is not 32 bytes; the key is never repeated.
 */
export function wireguardPublicKey(privateKey: string): string {
  const raw = Buffer.from(privateKey, "base64");
  if (raw.length !== 32 || raw.toString("base64") !== privateKey) throw badKey();
  return Buffer.from(x25519PublicKey(raw)).toString("base64");
}

/** The public key of a 32-byte X25519 private key; clamping is part of the curve's arithmetic. */
export function x25519PublicKey(privateKey: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_X25519, privateKey]), format: "der", type: "pkcs8" });
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
}

/** Of these ports, in order, the ones that a network may use on a node where others are taken. */
export function usableListenPorts(candidates: readonly number[], taken: readonly number[]): number[] {
  const blocked = new Set([...HELD_BY_NODES, ...taken]);
  return candidates.filter((port) => port >= LISTEN_PORTS.first && port <= LISTEN_PORTS.last && !blocked.has(port));
}

/** Configuration for `wg-quick` on a user's machine. Holds the private key: treat it as secret. */
export function wgQuickConfig(access: UserAccess, node: DialledNode, ipRange: string): string {
  return [
    "[Interface]",
    `Address = ${wireguardAddress(access.subnet)}/32`,
    `PrivateKey = ${access.privateKey}`,
    "",
    "[Peer]",
    `PublicKey = ${node.publicKey}`,
    `AllowedIPs = ${ipRange}, ${TRANSIT_RANGE}`,
    "PersistentKeepalive = 25",
    `Endpoint = ${joinHostPort(node.endpoint, node.listenPort)}`,
  ].join("\n");
}

function badKey(): GridError {
  return new GridError({
    code: "TFG_BAD_WIREGUARD_KEY",
    summary: "A WireGuard private key is not 32 bytes in base64.",
    remedy: "give 44 characters of base64, as `wg genkey` prints them.",
  });
}
