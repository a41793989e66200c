import type { GridError } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import { isOnThisGrid, originOf } from "../../deployment/same-grid";
import type { ApplyInput, CallContext, StateOutput } from "../../resource";
import { isObjectValue, isWhollyKnown, type ObjectValue, UNKNOWN, type Value } from "../../schema/value";
import { failuresOf, together } from "./failures";
import { partLeavers } from "./leaving";
import { allocateFor, type Mesh, type NetworkPrivate, readNetworkPrivate } from "./mesh";
import { type AccessState, allMembersOf, byNumber, type MemberState, memberValue } from "./mesh-state";
import { prepareIfUp, prepareMember } from "./prepare";
import { endMembers, type Outcome, settleMember } from "./settle";
import { topologyOf } from "./topology";

/**
 * Brings the mesh to what is planned: members first made or changed all at once, then those that left are ended, except
 * where machines of the mesh still run.
 */
export async function applyNetwork(input: ApplyInput, context: CallContext): Promise<StateOutput> {
  const account = await context.session.account(context.signal);
  const engine = await context.session.engine(context);
  const mesh = allocateFor(resolved(input.planned), input.prior, account);
  const kept = readNetworkPrivate(input.plannedPrivate);
  if (kept) isOnThisGrid(kept, account, { title: `network ${mesh.name}`, context });
  const before = allMembersOf(input.prior);
  const left = [...before.values()].filter(({ nodeId }) => !mesh.book.subnets.has(nodeId));
  const { staying, going } = await partLeavers(engine, mesh, left);
  const isAlone = mesh.book.subnets.size + staying.length + mesh.accessPoints.length === 1;
  const wanted = [...mesh.book.subnets].map(([nodeId, subnet]) => ({
    nodeId,
    subnet,
    before: before.get(nodeId),
    isAlone,
  }));
  const prepare = input.prior === null ? prepareMember : prepareIfUp;
  const asked = await Promise.all(wanted.map((member) => prepare(engine, mesh, member)));
  const prepared = asked.filter((member) => member.endpoint !== undefined);
  const topology = topologyOf(mesh, { members: prepared, leaving: staying });
  const settled = await Promise.all(
    topology.members.map(({ member, peers }) =>
      isLeftAlone(input.planned, member)
        ? { member, failure: undefined, isNew: false }
        : settleMember(engine, mesh, { member, peers, kept }),
    ),
  );
  const { outcomes, failures } =
    input.prior === null
      ? await concludeCreation(engine, mesh, settled)
      : await concludeUpdate(engine, mesh, { settled, left: going });
  const members = [...outcomes.map(({ member }) => member), ...asked.filter(({ endpoint }) => endpoint === undefined)];
  return {
    state: stateOf(mesh, members, topology.access),
    private: { ...originOf(account), behind: behindOf(input, members, kept) },
    errors: failures.length > 0 ? failures : undefined,
  };
}

/** What the plan knows all of is not to change, whatever state it is in: nobody need ask its node. */
function isLeftAlone({ members = null }: ObjectValue, { nodeId }: MemberState): boolean {
  const planned = isObjectValue(members) ? (members[nodeId] ?? null) : UNKNOWN;
  return planned !== null && isWhollyKnown(planned);
}

/** What was not brought to what state says now stays marked until an apply does it, whatever refreshes find meanwhile. */
function behindOf(input: ApplyInput, members: readonly MemberState[], kept: NetworkPrivate | undefined): number[] {
  const behind = members.filter((member) =>
    isLeftAlone(input.planned, member) ? kept?.behind.includes(member.nodeId) : member.status !== "ok",
  );
  return behind.map(({ nodeId }) => nodeId);
}

/** What stands in the end, and what has to be told. */
interface Conclusion {
  readonly outcomes: readonly Outcome[];
  readonly failures: readonly GridError[];
}

/**
 * Half a mesh is of no use and bills: when a part of a creation failed, what this run made of it is ended. One that was
 * interrupted, or partly taken over from a lost run, is kept as it is and without an error, because an error would have
 * the next run destroy what it is to finish, and what runs in it.
 */
async function concludeCreation(engine: EngineContext, mesh: Mesh, outcomes: readonly Outcome[]): Promise<Conclusion> {
  const failures = failuresOf(outcomes);
  const standing = outcomes.filter(({ member }) => member.contractId !== undefined);
  const isWhole = outcomes.every(({ member }) => member.status === "ok");
  const isKept = (engine.signal.aborted && standing.length > 0) || standing.some(({ isNew }) => !isNew);
  if (isKept && !isWhole) {
    const reasons = failures.map(({ message }) => message);
    const text = [`${listed(standing)} stand; run again to finish it.`, ...reasons].join("\n");
    engine.warn(`network ${mesh.name} is not finished`, text);
    return { outcomes, failures: [] };
  }
  if (failures.length === 0) return { outcomes, failures };
  const stuck = await endMembers(
    engine,
    mesh,
    standing.map(({ member }) => member),
  );
  const ended = standing.filter(({ member }) => !stuck.some(({ member: { nodeId } }) => nodeId === member.nodeId));
  const beside = ended.length > 0 ? `${listed(ended)} of the mesh were cancelled, too, and bill no more.` : "";
  const reasons = failuresOf(outcomes, beside);
  if (stuck.length > 0) return { outcomes: stuck, failures: [...reasons, ...failuresOf(stuck)] };
  if (standing.length > 0) engine.warn(`network ${mesh.name} was taken back`, `${listed(standing)} were cancelled.`);
  throw together(reasons);
}

/** Members that leave are ended last, and only once the others no longer send anything their way. */
async function concludeUpdate(
  engine: EngineContext,
  mesh: Mesh,
  what: { readonly settled: readonly Outcome[]; readonly left: readonly MemberState[] },
): Promise<Conclusion> {
  const { settled, left } = what;
  const kept = left.map((member) => ({ member, failure: undefined, isNew: false }));
  const beside =
    left.length > 0
      ? `${listed(kept)} of nodes that leave go with the first run in which all others are changed, and bill until then.`
      : "";
  const failures = failuresOf(settled, beside);
  if (failures.length > 0) return { outcomes: [...settled, ...kept], failures };
  const stuck = await endMembers(engine, mesh, left);
  return { outcomes: [...settled, ...stuck], failures: failuresOf(stuck) };
}

function listed(outcomes: readonly Outcome[]): string {
  return `Contracts ${outcomes.map(({ member }) => member.contractId).join(", ")}`;
}

function stateOf(mesh: Mesh, members: readonly MemberState[], access: readonly AccessState[]): ObjectValue {
  const points = access.map(({ name, subnet, publicKey, nodeId }): [string, Value] => [
    name,
    { subnet, public_key: publicKey, node_id: nodeId ?? null },
  ]);
  return {
    ...mesh.values,
    addresses: Object.fromEntries([...mesh.book.hosts].map(([name, { ip }]) => [name, ip])),
    subnets: byNumber(mesh.book.subnets),
    members: memberValues(members.filter(({ nodeId }) => mesh.book.subnets.has(nodeId))),
    leaving: memberValues(members.filter(({ nodeId }) => !mesh.book.subnets.has(nodeId))),
    access_points: Object.fromEntries(points),
  };
}

function memberValues(members: readonly MemberState[]): ObjectValue {
  return byNumber(members.map((member) => [member.nodeId, memberValue(member)] as const));
}

function resolved(planned: ObjectValue): ObjectValue {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]): [string, Value] => [name, value === UNKNOWN ? null : value]),
  );
}
