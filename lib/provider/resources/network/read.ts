import { messageOf } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import { type NodeView, viewContract } from "../../../engine/node/node-deployments";
import { getEndpoint } from "../../../engine/node/node-endpoint";
import type { NodeContract } from "../../../model/contract";
import { decodeStamp } from "../../../model/deployment-data";
import { isImported } from "../../deployment/deployment-private";
import { statusOf } from "../../deployment/deployment-status";
import { isOnThisGrid, originOf } from "../../deployment/same-grid";
import type { CallContext, StateInput, StateOutput } from "../../resource";
import { Attributes } from "../../schema/attributes";
import { type NetworkPrivate, readNetworkPrivate } from "./mesh";
import { allMembersOf, byNumber, leavingOf, type MemberState, memberValue } from "./mesh-state";

/** What a refresh found of one member; undefined when its contract has ended. */
interface Found {
  readonly member: MemberState;
  /** Hash on the chain when it is not the one in state. */
  readonly seenHash: string | undefined;
  /** Whether it has yet to be brought to what state says. */
  readonly isBehind: boolean;
}

/** Refreshes a mesh: every member at once, each on its own. */
export async function readNetwork(input: StateInput, context: CallContext): Promise<StateOutput> {
  const title = `network ${new Attributes(input.state).text("name")}`;
  const kept = readNetworkPrivate(input.private);
  const account = await context.session.account(context.signal);
  if (kept && !isOnThisGrid(kept, account, { title, context })) return { state: null };
  const engine = await context.session.engine(context);
  const members = [...allMembersOf(input.state).values()];
  const found = await Promise.all(
    members.map((member) => readMember(engine, input, { member, title, context, isBehind: isBehind(member, kept) })),
  );
  const standing = found.filter((each) => each !== undefined);
  if (members.length > 0 && standing.length === 0) return { state: null };
  const seen = standing.flatMap(({ member, seenHash }) => (seenHash ? [[String(member.nodeId), seenHash]] : []));
  const values = standing.map(({ member }) => [member.nodeId, memberValue(member)] as const);
  const leaving = leavingOf(input.state);
  return {
    state: {
      ...input.state,
      members: byNumber(values.filter(([nodeId]) => !leaving.has(nodeId))),
      leaving: byNumber(values.filter(([nodeId]) => leaving.has(nodeId))),
    },
    // A provider that dies during a change takes what was kept with it.
    private: {
      ...originOf(account),
      seen: Object.fromEntries(seen),
      behind: standing.filter(({ isBehind }) => isBehind).map(({ member }) => member.nodeId),
      ...(isImported(input.private) ? { isImported: true } : {}),
    },
  };
}

interface Reading {
  readonly member: MemberState;
  readonly title: string;
  readonly context: CallContext;
  /** Whether it was behind before. */
  readonly isBehind: boolean;
}

async function readMember(engine: EngineContext, input: StateInput, reading: Reading): Promise<Found | undefined> {
  const { member, context } = reading;
  const { contractId } = member;
  // Interrupted before it was made: the next apply goes on with it.
  if (contractId === undefined) return { member, seenHash: undefined, isBehind: reading.isBehind };
  const contract = await context.session.getContract(contractId, context.signal);
  if (contract?.kind !== "node") {
    context.warn(`${reading.title}: its contract on node ${member.nodeId} has ended`, "The next apply makes it anew.");
    return undefined;
  }
  if (!isOwn(contract, input, reading))
    return { member: { ...member, status: "handed_over" }, seenHash: undefined, isBehind: reading.isBehind };
  const view = await viewContract(engine, contract);
  const endpoint = view.kind === "unreachable" ? member.endpoint : await endpointOf(engine, contract, member);
  const hasMoved = endpoint !== member.endpoint;
  if (hasMoved) {
    context.warn(`${reading.title}: node ${member.nodeId} has a new address`, "The next apply tells its peers.");
  }
  const status = hasMoved ? "drifted" : statusOfMember(contract, view, reading);
  const seenHash = contract.deploymentHash === member.hash ? undefined : contract.deploymentHash;
  return { member: { ...member, endpoint, status }, seenHash, isBehind: reading.isBehind || hasMoved };
}

/** The address of a member now; what state has when the node does not say. */
async function endpointOf(
  engine: EngineContext,
  contract: NodeContract,
  member: MemberState,
): Promise<string | undefined> {
  const node = await engine.chain.getNode(contract.nodeId, engine.signal);
  if (!node) return member.endpoint;
  return getEndpoint(engine, node.twinId).catch((error) => {
    engine.log("warn", "endpoint not refreshed", { node: contract.nodeId, reason: messageOf(error) });
    return member.endpoint;
  });
}

function isOwn(contract: NodeContract, { state }: StateInput, { member }: Reading): boolean {
  const attributes = new Attributes(state);
  const stamp = decodeStamp(contract.deploymentData);
  return (
    stamp?.token === member.token &&
    stamp?.role === `network/${attributes.requireText("identity")}` &&
    stamp.lineage === attributes.requireObject("project").requireText("id")
  );
}

/** What an apply writes of a member that it could not bring to what is wanted. */
const UNFINISHED: readonly string[] = ["pending", "error", "unsynced"];

/** The mark in private outlives what later refreshes find; the status alone tells it in states that have no mark. */
function isBehind({ nodeId, status }: MemberState, kept: NetworkPrivate | undefined): boolean {
  return (kept?.behind.includes(nodeId) ?? false) || UNFINISHED.includes(status);
}

/**
 * A member that a change left out, or did not get through with, needs the next one however well its node is: what it runs
 * may be what it ran before, and the hashes on chain and node agree on that.
 */
function statusOfMember(contract: NodeContract, view: NodeView, { member, title, context, isBehind }: Reading): string {
  const where = `${title} on node ${member.nodeId}`;
  const knownHash = isBehind ? undefined : member.hash;
  const status = statusOf({ title: where, contract, view, knownHash }, context);
  if (!isBehind) return status;
  if (status === "unreachable") return "unsynced";
  if (status !== "ok") return status;
  context.warn(`${where} is behind the others`, "An earlier change did not get through to it. The next apply does.");
  return "drifted";
}
