import { GridError } from "../../../core/errors";
import { cancelOwned } from "../../../engine/cancel-contract";
import type { EngineContext } from "../../../engine/context";
import type { DeploymentRecord } from "../../../engine/deployment-target";
import { updateInterrupted } from "../../../engine/errors";
import { IncompleteChange } from "../../../engine/incomplete-change";
import { isUnreachable } from "../../../engine/node/node-deployments";
import type { PriorRecord } from "../../../engine/open-contract";
import { reconcileDeployment } from "../../../engine/reconcile-deployment";
import { announced } from "../../../engine/submit";
import { type Mesh, memberSalt, memberTarget, type NetworkPrivate } from "./mesh";
import { type MemberState, recordOf } from "./mesh-state";
import type { PeeredMember } from "./topology";

/** What became of a member. */
export interface Outcome {
  readonly member: MemberState;
  readonly failure: GridError | undefined;
  /** Whether this very run made its contract. */
  readonly isNew: boolean;
}

type Settling = PeeredMember & {
  /** What refreshes found. */
  readonly kept: NetworkPrivate | undefined;
};

/** Brings one member to what is wanted. What goes wrong with it does not keep the others from their work. */
export async function settleMember(engine: EngineContext, mesh: Mesh, settling: Settling): Promise<Outcome> {
  const { member } = settling;
  if (member.status !== "migrated") return settle(engine, mesh, settling);
  // A contract on another node is of no use to this one, and has no way back.
  const [stuck] = await endMembers(engine, mesh, [member]);
  if (stuck) return stuck;
  const outcome = await settle(engine, mesh, {
    ...settling,
    member: { ...member, contractId: undefined, token: "", hash: "" },
  });
  return isUnreachable(outcome.failure) ? joinsLater(engine, mesh, outcome) : outcome;
}

/** A node that is down, which may be why its contract was migrated, keeps nobody from the change. */
function joinsLater(engine: EngineContext, mesh: Mesh, { member, isNew }: Outcome): Outcome {
  engine.warn(
    `network ${mesh.name}: node ${member.nodeId} joins later`,
    "Its contract was migrated to another node and is ended. It does not answer, so it has no other yet; the next apply that finds it up takes it in.",
  );
  return { member: { ...member, status: "pending" }, failure: undefined, isNew };
}

async function settle(engine: EngineContext, mesh: Mesh, { member, peers, kept }: Settling): Promise<Outcome> {
  const target = memberTarget(mesh, member, peers);
  const prior = priorOf(member, kept);
  try {
    const { record, deployment, isNew } = await announced(engine, (soon) => reconcileDeployment(soon, target, prior));
    if (deployment) return { member: changed(member, record, "ok"), failure: undefined, isNew };
    const failure = prior && updateInterrupted(target.title, record.contractId);
    return { member: changed(member, record, "pending"), failure, isNew };
  } catch (error) {
    if (error instanceof IncompleteChange) {
      return incomplete(engine, member, { error, title: target.title, isKnown: prior !== undefined });
    }
    if (!(error instanceof GridError)) throw error;
    const status = engine.signal.aborted ? "pending" : "error";
    return { member: { ...member, status }, failure: ofMember(error, member), isNew: false };
  }
}

/** A member is not an object of its own that could be taken out of state. */
function ofMember(error: GridError, { nodeId, contractId }: MemberState): GridError {
  if (error.code === "TFG_HANDED_OVER") {
    return error.with({ remedy: `take node ${nodeId} out of the mesh: that contract is then left to its owner.` });
  }
  if (error.code !== "TFG_STAMP_LOST") return error;
  const remedy = `look at contract ${contractId} in the dashboard, and cancel it there if nobody else needs it: the next run goes on without it.`;
  return error.with({ remedy });
}

/** A member that is down must not hold up the mesh: it is left as it is, and repaired once it answers. */
function incomplete(
  engine: EngineContext,
  member: MemberState,
  what: { readonly error: IncompleteChange; readonly title: string; readonly isKnown: boolean },
): Outcome {
  const { standing, reason } = what.error;
  const { record, isNew } = standing;
  if (!what.isKnown || !isUnreachable(reason)) {
    return { member: changed(member, record, "error"), failure: reason, isNew };
  }
  engine.warn(`${what.title} is not in step`, reason.message);
  return { member: changed(member, record, "unsynced"), failure: undefined, isNew };
}

/** What state and refresh know of a member's contract. */
function priorOf(member: MemberState, kept: NetworkPrivate | undefined): PriorRecord | undefined {
  const record = recordOf(member);
  const seen = kept?.seen[String(member.nodeId)];
  return record && { ...record, expectedHashes: seen ? [seen] : [] };
}

function changed(member: MemberState, record: DeploymentRecord, status: string): MemberState {
  return { ...member, contractId: record.contractId, token: record.token, hash: record.hash, status };
}

/** Ends the contracts of members. Gives those that could not be ended, with the reason. */
export async function endMembers(
  engine: EngineContext,
  mesh: Pick<Mesh, "name" | "lineage" | "identity" | "keys">,
  members: readonly MemberState[],
): Promise<readonly Outcome[]> {
  const ends = members.map(async (member) => {
    const record = recordOf(member);
    if (!record) return [];
    const title = `network ${mesh.name} on node ${member.nodeId}`;
    try {
      const role = `network/${mesh.identity}`;
      await cancelOwned(engine, { title, lineage: mesh.lineage, role, record, salt: memberSalt(mesh, member.nodeId) });
      return [];
    } catch (error) {
      if (!(error instanceof GridError)) throw error;
      return [{ member, failure: ofMember(error, member), isNew: false }];
    }
  });
  return (await Promise.all(ends)).flat();
}
