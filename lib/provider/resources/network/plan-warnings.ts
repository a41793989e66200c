import { canGiveAccess } from "../../../model/mesh";
import type { CallContext } from "../../resource";
import type { AccessState, MemberState } from "./mesh-state";

/** A change of who is in a mesh. */
export interface MembershipChange {
  /** User's name for the mesh. */
  readonly name: string;
  /** Everything that stands, by node id. */
  readonly before: ReadonlyMap<number, MemberState>;
  /** Who is to be in it. */
  readonly nodeIds: readonly number[];
  /** Users' computers that stay, as they are attached now. */
  readonly access: readonly AccessState[];
  /** The member that a user's computer is to dial, by its name, where that was said. */
  readonly wanted: ReadonlyMap<string, number>;
  /** Whether a user's computer is to dial whichever member can be dialled. */
  readonly hasUnassigned: boolean;
}

/**
 * Says in the plan what the loss of a member means to those who dialled it. Addresses of nodes are observed, so these are
 * warnings: what cannot work is refused at apply, before anything is done.
 */
export function warnOfLostAccess(change: MembershipChange, { session, warn }: CallContext): void {
  const { name, before, nodeIds, access, wanted, hasUnassigned } = change;
  // A plan that is applied is made anew, and would say it twice.
  if (![...before.values()].some(({ contractId }) => contractId !== undefined && session.wasRead(contractId))) return;
  const members = nodeIds.map((nodeId) => before.get(nodeId));
  const able = new Set(members.flatMap((member) => (member && isDialable(member) ? [member.nodeId] : [])));
  const isOpen = members.some((member) => member?.endpoint === undefined);
  const hasHidden = members.length > 1 && members.some((member) => member?.endpoint === "");
  if (able.size === 0 && !isOpen && (hasUnassigned || hasHidden)) {
    warn(
      `network ${name}: nobody is left to dial`,
      `None of nodes ${nodeIds.join(", ")} has a public IPv4 address, and ${hasUnassigned ? "users' computers" : "hidden nodes"} need one that has. The apply will refuse the change: keep such a node in \`nodes\`, or add one.`,
      ["nodes"],
    );
    return;
  }
  const moved = access.filter((point) => {
    if (point.nodeId === undefined) return false;
    const asked = wanted.get(point.name);
    return asked === undefined ? !able.has(point.nodeId) : asked !== point.nodeId;
  });
  if (moved.length === 0) return;
  const files = moved.map((point) => `\`threefold access ${name} ${point.name}\``).join(", ");
  warn(
    `network ${name}: ${moved.map((point) => point.name).join(", ")} will dial another node`,
    `The node they dial leaves the mesh, has lost its public address, or is not the one asked for. The files they have stop working with the apply; ${files} then prints new ones.`,
    ["access"],
  );
}

function isDialable({ nodeId, subnet, publicKey, listenPort, endpoint }: MemberState): boolean {
  return canGiveAccess({ nodeId, subnet, publicKey, listenPort: listenPort ?? 0, endpoint: endpoint || undefined });
}
