/**
 * Who dials whom in a mesh. Nodes with an endpoint peer with each other; a hidden node peers with one access node only,
 * which carries everything to and from it; a user's machine is attached to one access node the same way.
 *
 * A node with a public IPv6 only is still dialled by all that have an endpoint: those without IPv6 of their own cannot
 * follow, but every node has IPv4, at least behind a router, so it reaches them itself and they answer to where it
 * called from. Between two such nodes both have IPv6. A hidden node has nothing of that kind to count on, nor has a
 * user's line: access nodes are those with IPv4.
 *
 * @source official TypeScript client 2.9.2, executed
 */
import { GridError } from "../../core/errors";
import { joinHostPort } from "../wire/host-port";
import { parseIp } from "../wire/ip-address";
import type { Peer } from "../workloads/network";
import { requireIpv4Block } from "./address-plan";
import { wireguardAddress } from "./wireguard";

/** A node in a mesh. */
export interface MeshMember {
  /** Its number. */
  readonly nodeId: number;
  /** Its /24. */
  readonly subnet: string;
  /** Base64. */
  readonly publicKey: string;
  /** Its WireGuard port; hidden nodes have one too. */
  readonly listenPort: number;
  /** Public address without port; undefined for a hidden node. */
  readonly endpoint: string | undefined;
  /** Whether hidden nodes and users may be attached to it. @default true when the endpoint is IPv4 */
  readonly isAccessNode?: boolean;
}

/** Something that dials in: a user's machine. */
export interface AccessPoint {
  /** The member it dials. */
  readonly nodeId: number;
  /** Its /24. */
  readonly subnet: string;
  /** Base64. */
  readonly publicKey: string;
}

/** A whole mesh. */
export interface MeshTopology {
  /** Nodes, in any order. */
  readonly members: readonly MeshMember[];
  /** User access points, in any order. */
  readonly accessPoints: readonly AccessPoint[];
  /** The access node of each hidden node, from `chooseAccessNodes`. */
  readonly accessNodeOf: ReadonlyMap<number, number>;
}

/**
 * Gives every hidden node its access node: the one it had while that still can be, else the lowest number. Empty when no
 * node is hidden, or when one node is all there is.
 *
 * @param earlier what was chosen before, so that adding a member moves nobody
 * @throws {GridError} TFG_MESH_NO_ACCESS_NODE when a node is hidden and no member can serve it.
 */
export function chooseAccessNodes(
  members: readonly MeshMember[],
  earlier: ReadonlyMap<number, number> = new Map(),
): Map<number, number> {
  const hidden = members.length > 1 ? members.filter(({ endpoint }) => endpoint === undefined) : [];
  const able = members.filter(canGiveAccess).map(({ nodeId }) => nodeId);
  const lowest = Math.min(...able);
  if (hidden.length > 0 && able.length === 0) throw noAccessNode(hidden, members);
  return new Map(
    hidden.map(({ nodeId }) => {
      const before = earlier.get(nodeId);
      return [nodeId, before !== undefined && able.includes(before) ? before : lowest] as const;
    }),
  );
}

/**
 * The peers of every member's network workload, in a stable order: nodes by number, then what dials in by subnet.
 *
 * @throws {GridError} TFG_MESH_BAD_ACCESS when something is attached to a node that cannot be dialled.
 */
export function meshPeers(topology: MeshTopology): Map<number, Peer[]> {
  const members = [...topology.members].sort((a, b) => a.nodeId - b.nodeId);
  const attached = [...topology.accessPoints, ...hiddenAsAccessPoints(topology)].sort(bySubnet);
  const subnets = [...topology.members, ...topology.accessPoints].sort(bySubnet).map(({ subnet }) => subnet);
  for (const point of attached) requireDialable(point, members);
  return new Map(
    members.map((self) => {
      const dialled = members
        .filter((other) => other.nodeId !== self.nodeId && isDialledBy(self, other, topology.accessNodeOf))
        .flatMap((other) => dialledPeer(other, isHidden(self) ? subnets : subnetsBehind(other, attached)));
      const dialling = attached.filter(({ nodeId }) => nodeId === self.nodeId).map(diallingPeer);
      return [self.nodeId, [...dialled, ...dialling]];
    }),
  );
}

/** True when hidden nodes and users may be attached to the member. */
export function canGiveAccess({ endpoint, isAccessNode }: MeshMember): boolean {
  if (endpoint === undefined) return false;
  return isAccessNode ?? parseIp(endpoint)?.length === 4;
}

function isHidden({ endpoint }: MeshMember): boolean {
  return endpoint === undefined;
}

function hiddenAsAccessPoints({ members, accessNodeOf }: MeshTopology): AccessPoint[] {
  return members.flatMap(({ nodeId, subnet, publicKey }) => {
    const accessNode = accessNodeOf.get(nodeId);
    return accessNode === undefined ? [] : [{ nodeId: accessNode, subnet, publicKey }];
  });
}

function isDialledBy(self: MeshMember, other: MeshMember, accessNodeOf: ReadonlyMap<number, number>): boolean {
  return !isHidden(other) && (!isHidden(self) || accessNodeOf.get(self.nodeId) === other.nodeId);
}

function subnetsBehind(member: MeshMember, attached: readonly AccessPoint[]): string[] {
  return attached.filter(({ nodeId }) => nodeId === member.nodeId).map(({ subnet }) => subnet);
}

function dialledPeer({ subnet, publicKey, endpoint, listenPort }: MeshMember, behind: readonly string[]): Peer[] {
  if (endpoint === undefined) return [];
  const allowed = new Set([subnet, ...behind]);
  return [peer({ subnet, publicKey }, [...allowed], joinHostPort(endpoint, listenPort))];
}

function diallingPeer(point: AccessPoint): Peer {
  return peer(point, [point.subnet], "");
}

function peer(of: Pick<AccessPoint, "subnet" | "publicKey">, allowed: readonly string[], endpoint: string): Peer {
  return {
    subnet: of.subnet,
    wireguard_public_key: of.publicKey,
    allowed_ips: allowed.flatMap((subnet) => [subnet, `${wireguardAddress(subnet)}/32`]),
    endpoint,
  };
}

function bySubnet(a: { readonly subnet: string }, b: { readonly subnet: string }): number {
  return Buffer.compare(requireIpv4Block(a.subnet).bytes, requireIpv4Block(b.subnet).bytes);
}

function requireDialable(point: AccessPoint, members: readonly MeshMember[]): void {
  const member = members.find(({ nodeId }) => nodeId === point.nodeId);
  if (member && !isHidden(member)) return;
  throw new GridError({
    code: "TFG_MESH_BAD_ACCESS",
    summary: `Access through node ${point.nodeId} is not possible: it ${member ? "has no public address" : "is no member of the mesh"}.`,
    facts: { "access node": point.nodeId, subnet: point.subnet },
    remedy: "choose a member of the mesh that has a public IPv4 address.",
  });
}

function noAccessNode(hidden: readonly MeshMember[], members: readonly MeshMember[]): GridError {
  return new GridError({
    code: "TFG_MESH_NO_ACCESS_NODE",
    summary: "The mesh has nodes without a public address, and no member that could connect them.",
    facts: {
      "hidden nodes": hidden.map(({ nodeId }) => nodeId).join(", "),
      members: members.map(({ nodeId }) => nodeId).join(", "),
    },
    remedy: "add a node with a public IPv4 address to the mesh.",
  });
}
