import { GridError } from "../../../core/errors";
import { canGiveAccess, chooseAccessNodes, type MeshMember, meshPeers } from "../../../model/mesh";
import type { Peer } from "../../../model/workloads/network";
import type { Mesh } from "./mesh";
import type { AccessState, MemberState } from "./mesh-state";

/** A member and whom it exchanges packets with. */
export interface PeeredMember {
  readonly member: MemberState;
  readonly peers: readonly Peer[];
}

/** Who is connected to whom. */
export interface Topology {
  readonly members: readonly PeeredMember[];
  readonly access: readonly AccessState[];
}

/** Everything that is connected. */
interface Connected {
  readonly members: readonly MemberState[];
  /** Members that go with a later change: nobody is attached to them who needs one for longer than they stay. */
  readonly leaving: readonly MemberState[];
}

/** Who dials whom, from what is now known of every member. */
export function topologyOf(mesh: Mesh, connected: Connected): Topology {
  const prepared = [...connected.members, ...connected.leaving];
  const members: MeshMember[] = prepared.map((member) => ({
    nodeId: member.nodeId,
    subnet: member.subnet,
    publicKey: member.publicKey,
    listenPort: member.listenPort ?? 0,
    endpoint: member.endpoint || undefined,
    // A hidden node that will be alone needs it only while the others are still there.
    ...(connected.members.length > 1 && connected.leaving.includes(member) ? { isAccessNode: false } : {}),
  }));
  const earlier = new Map(
    prepared.flatMap((member) => (member.accessNode === undefined ? [] : [[member.nodeId, member.accessNode]])),
  );
  const accessNodeOf = chooseAccessNodes(members, earlier);
  const stay = members.filter(({ nodeId }) => mesh.book.subnets.has(nodeId));
  const access = attach(mesh, stay);
  const peers = meshPeers({
    members,
    accessNodeOf,
    accessPoints: access.map(({ subnet, publicKey, nodeId }) => ({ subnet, publicKey, nodeId: nodeId ?? 0 })),
  });
  return {
    access,
    members: prepared.map((member) => ({
      member: { ...member, accessNode: accessNodeOf.get(member.nodeId) },
      peers: peers.get(member.nodeId) ?? [],
    })),
  };
}

/**
 * Attaches users' machines: each to the member that was asked for, else to the one it had while that can still be dialled,
 * else to the lowest that can.
 */
function attach(mesh: Mesh, members: readonly MeshMember[]): AccessState[] {
  const able = members.filter(canGiveAccess).map(({ nodeId }) => nodeId);
  const before = new Map(mesh.earlierAccess.map(({ name, nodeId }) => [name, nodeId]));
  return mesh.accessPoints.map((point) => {
    const asked = mesh.accessNodes.get(point.name);
    if (asked !== undefined) return { ...point, nodeId: asked };
    if (able.length === 0) throw noAccessNode(mesh);
    const kept = before.get(point.name);
    return { ...point, nodeId: kept !== undefined && able.includes(kept) ? kept : Math.min(...able) };
  });
}

function noAccessNode(mesh: Mesh): GridError {
  return new GridError({
    code: "TFG_MESH_NO_ACCESS_NODE",
    summary: `Network ${mesh.name} has access points, and no member with a public IPv4 that they could dial.`,
    facts: { "access points": mesh.accessPoints.map(({ name }) => name).join(", ") },
    standing: "Nothing was made.",
    remedy: "add a node with a public IPv4 to `nodes`, or place a machine of the mesh on one.",
    attribute: ["access"],
  });
}
