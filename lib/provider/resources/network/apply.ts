import { GridError } from "../../../core/errors";
import { cancelOwned } from "../../../engine/cancel-contract";
import type { EngineContext } from "../../../engine/context";
import type { DeploymentRecord, DeploymentTarget } from "../../../engine/deployment-target";
import { chooseListenPort } from "../../../engine/listen-port";
import { isUnreachable } from "../../../engine/node-deployments";
import { getEndpoint } from "../../../engine/node-endpoint";
import { IncompleteChange, reconcileDeployment } from "../../../engine/reconcile-deployment";
import { canGiveAccess, chooseAccessNodes, type MeshMember, meshPeers } from "../../../model/mesh";
import type { Peer } from "../../../model/workloads/network";
import type { ApplyInput, CallContext, StateOutput } from "../../resource";
import { type ObjectValue, UNKNOWN, type Value } from "../../schema/value";
import { memberKeys } from "./keys";
import { allocateFor, type Mesh, memberTarget, type NetworkPrivate, networkPrivate, readNetworkPrivate } from "./mesh";
import { type AccessState, accessOf, byNumber, type MemberState, membersOf, memberValue } from "./mesh-state";

/** Brings the mesh to what is planned: members first made or changed all at once, then those that left are ended. */
export async function applyNetwork(input: ApplyInput, context: CallContext): Promise<StateOutput> {
  const account = await context.session.account(context.signal);
  const engine = await context.session.engine(context);
  const mesh = allocateFor(resolved(input.planned), input.prior, account);
  const before = membersOf(input.prior);
  const prepared = await Promise.all(
    [...mesh.book.subnets].map(([nodeId, subnet]) =>
      prepare(engine, mesh, { nodeId, subnet, before: before.get(nodeId) }),
    ),
  );
  const topology = topologyOf(mesh, prepared, accessOf(input.prior));
  const kept = readNetworkPrivate(input.plannedPrivate);
  const outcomes = await Promise.all(topology.members.map((each) => settleMember(engine, mesh, { ...each, kept })));
  const left = [...before.values()].filter(({ nodeId }) => !mesh.book.subnets.has(nodeId));
  const failures = outcomes.flatMap(({ failure }) => (failure ? [failure] : []));
  if (failures.length > 0 && input.prior === null && !context.signal.aborted) {
    await rollBack(engine, mesh, outcomes);
    throw failures[0];
  }
  if (failures.length === 0) await endMembers(engine, mesh, left, kept?.tokens ?? {});
  const standing = outcomes.filter(({ record }) => record !== undefined);
  const remaining = failures.length === 0 ? [] : left;
  const tokens = Object.fromEntries([
    ...remaining.map(({ nodeId }): [string, string] => [String(nodeId), kept?.tokens[String(nodeId)] ?? ""]),
    ...standing.map(({ member, record }): [string, string] => [String(member.nodeId), record?.token ?? ""]),
  ]);
  return {
    state: stateOf(mesh, [...standing.map(({ member }) => member), ...remaining], topology.access),
    private: networkPrivate(account, tokens),
    errors: failures.length > 0 ? failures : undefined,
  };
}

/** Asks a new member what only it knows. A known member is taken as state has it. */
async function prepare(
  engine: EngineContext,
  mesh: Mesh,
  wanted: { readonly nodeId: number; readonly subnet: string; readonly before: MemberState | undefined },
): Promise<MemberState> {
  const { nodeId, subnet, before } = wanted;
  const publicKey = memberKeys(mesh.keys, mesh.identity, nodeId).publicKey;
  if (before?.listenPort !== undefined && before.endpoint !== undefined) {
    return { ...before, subnet, publicKey };
  }
  const node = await engine.chain.getNode(nodeId, engine.signal);
  if (!node) throw noSuchNode(nodeId);
  const [endpoint, listenPort] = await Promise.all([
    getEndpoint(engine, node.twinId),
    chooseListenPort(engine, mesh.keys, { identity: `network/${mesh.identity}`, nodeId }),
  ]);
  const fresh = { contractId: before?.contractId, hash: before?.hash ?? "", status: "pending", accessNode: undefined };
  return { nodeId, subnet, publicKey, endpoint, listenPort, ...fresh };
}

interface Settling {
  readonly member: MemberState;
  readonly peers: readonly Peer[];
}

/** Who dials whom, from what is now known of every member. */
function topologyOf(
  mesh: Mesh,
  prepared: readonly MemberState[],
  earlierAccess: readonly AccessState[],
): { readonly members: readonly Settling[]; readonly access: readonly AccessState[] } {
  const members: MeshMember[] = prepared.map((member) => ({
    nodeId: member.nodeId,
    subnet: member.subnet,
    publicKey: member.publicKey,
    listenPort: member.listenPort ?? 0,
    endpoint: member.endpoint || undefined,
  }));
  const earlier = new Map(
    prepared.flatMap((member) => (member.accessNode === undefined ? [] : [[member.nodeId, member.accessNode]])),
  );
  const accessNodeOf = chooseAccessNodes(members, earlier);
  const access = attach(mesh, members, earlierAccess);
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

/** Attaches users' machines: each to the member it had while that can still be dialled, else to the lowest that can. */
function attach(mesh: Mesh, members: readonly MeshMember[], earlier: readonly AccessState[]): AccessState[] {
  const able = members.filter(canGiveAccess).map(({ nodeId }) => nodeId);
  if (mesh.accessPoints.length > 0 && able.length === 0) throw noAccessNode(mesh);
  const before = new Map(earlier.map(({ name, nodeId }) => [name, nodeId]));
  return mesh.accessPoints.map((point) => {
    const kept = before.get(point.name);
    return { ...point, nodeId: kept !== undefined && able.includes(kept) ? kept : Math.min(...able) };
  });
}

/** What became of a member. */
interface Outcome {
  readonly member: MemberState;
  readonly record: DeploymentRecord | undefined;
  readonly failure: GridError | undefined;
}

async function settleMember(
  engine: EngineContext,
  mesh: Mesh,
  work: Settling & { readonly kept: NetworkPrivate | undefined },
): Promise<Outcome> {
  const target = memberTarget(mesh, work.member, work.peers);
  const prior = priorOf(work.member, work.kept);
  try {
    const { record, deployment } = await reconcileDeployment(engine, target, prior);
    return { member: changed(work.member, record, deployment ? "ok" : "pending"), record, failure: undefined };
  } catch (error) {
    if (error instanceof IncompleteChange) return incomplete(engine, work.member, { error, target, isKnown: !!prior });
    if (!(error instanceof GridError)) throw error;
    return { member: { ...work.member, status: "error" }, record: prior, failure: error };
  }
}

/** A member that is down must not hold up the mesh: it is left as it is, and repaired once it answers. */
function incomplete(
  engine: EngineContext,
  member: MemberState,
  what: { readonly error: IncompleteChange; readonly target: DeploymentTarget; readonly isKnown: boolean },
): Outcome {
  const { standing, reason } = what.error;
  const { record } = standing;
  if (!what.isKnown || !isUnreachable(reason)) {
    return { member: changed(member, record, "error"), record, failure: reason };
  }
  engine.warn(`${what.target.title} is not in step`, reason.message);
  return { member: changed(member, record, "unsynced"), record, failure: undefined };
}

/** What state and refresh know of a member's contract. */
function priorOf(
  { nodeId, contractId, hash }: MemberState,
  kept: NetworkPrivate | undefined,
): (DeploymentRecord & { readonly expectedHashes: readonly string[] }) | undefined {
  const token = kept?.tokens[String(nodeId)];
  const seen = kept?.seen[String(nodeId)];
  if (contractId === undefined || token === undefined) return undefined;
  return { contractId, token, hash, expectedHashes: seen ? [seen] : [] };
}

function changed(member: MemberState, record: DeploymentRecord, status: string): MemberState {
  return { ...member, contractId: record.contractId, hash: record.hash, status };
}

/** Ends what a creation made when a part of it failed: half a mesh is of no use and bills. */
async function rollBack(engine: EngineContext, mesh: Mesh, outcomes: readonly Outcome[]): Promise<void> {
  const made = outcomes.filter(({ record }) => record !== undefined);
  const tokens = Object.fromEntries(made.map(({ member, record }) => [String(member.nodeId), record?.token ?? ""]));
  await endMembers(
    engine,
    mesh,
    made.map(({ member }) => member),
    tokens,
  );
}

/** Ends the contracts of members that left. */
export async function endMembers(
  engine: EngineContext,
  mesh: Pick<Mesh, "name" | "lineage" | "identity">,
  members: readonly MemberState[],
  tokens: Readonly<Record<string, string>>,
): Promise<void> {
  await Promise.all(
    members.map(async ({ nodeId, contractId, hash }) => {
      const token = tokens[String(nodeId)];
      if (contractId === undefined || token === undefined) return;
      await cancelOwned(engine, {
        title: `network ${mesh.name} on node ${nodeId}`,
        lineage: mesh.lineage,
        role: `network/${mesh.identity}`,
        record: { contractId, token, hash },
      });
    }),
  );
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
    members: byNumber(members.map((member) => [member.nodeId, memberValue(member)] as const)),
    access_points: Object.fromEntries(points),
  };
}

function resolved(planned: ObjectValue): ObjectValue {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]): [string, Value] => [name, value === UNKNOWN ? null : value]),
  );
}

function noSuchNode(nodeId: number): GridError {
  return new GridError({
    code: "TFG_NO_NODE",
    summary: `There is no node ${nodeId} on this network.`,
    standing: "Nothing was made on it.",
    remedy: "check the node's number and the network, or let placement choose.",
    attribute: ["hosts"],
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
