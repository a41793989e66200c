import { messageOf } from "../../../core/errors";
import { getArrears } from "../../../engine/arrears";
import type { EngineContext } from "../../../engine/context";
import { viewContract } from "../../../engine/node/node-deployments";
import { getEndpoint } from "../../../engine/node/node-endpoint";
import { isRecognised, ownershipOf } from "../../../engine/ownership";
import type { NodeContract } from "../../../model/contract";
import type { Stamp } from "../../../model/deployment-data";
import { isImported } from "../../deployment/deployment-private";
import { type Finding, statusOf } from "../../deployment/deployment-status";
import { isOnThisGrid, originOf } from "../../deployment/same-grid";
import { warnOfStrays } from "../../deployment/strays";
import type { CallContext, StateInput, StateOutput } from "../../resource";
import { Attributes } from "../../schema/attributes";
import { type Mesh, memberSalt, type NetworkPrivate, readNetworkPrivate } from "./mesh";
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
  const attributes = new Attributes(input.state);
  const title = `network ${attributes.text("name")}`;
  const kept = readNetworkPrivate(input.private);
  const account = await context.session.account(context.signal);
  if (kept && !isOnThisGrid(kept, account, { title, context })) return { state: null };
  const engine = await context.session.engine(context);
  const members = [...allMembersOf(input.state).values()];
  const mesh = {
    identity: attributes.requireText("identity"),
    keys: account.keys(attributes.requireObject("project").requireText("key_scope")),
  };
  const contractIds = members.flatMap(({ contractId }) => contractId ?? []);
  const reading = members.map((member) =>
    readMember(engine, input, { member, title, mesh, context, isBehind: isBehind(member, kept) }),
  );
  const [found] = await Promise.all([
    Promise.all(reading),
    warnOfStrays(engine, { title, contractIds, own: ownRole(input) }, context),
  ]);
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
  /** What its salt is derived from. */
  readonly mesh: Pick<Mesh, "keys" | "identity">;
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
  const ownership = ownershipOf(engine, contract, ownStamp(input, member));
  const leftAlone = (status: string) => ({
    member: { ...member, status },
    seenHash: undefined,
    isBehind: reading.isBehind,
  });
  if (ownership === "foreign") {
    const where = `${reading.title} on node ${member.nodeId}`;
    context.warn(`${where}: contract ${contractId} now belongs to another state`, "It is left alone from now on.");
    return leftAlone("handed_over");
  }
  const view = await viewContract(engine, contract);
  const marks = { hash: member.hash, salt: memberSalt(reading.mesh, member.nodeId) };
  const isStamped = ownership === "own";
  const isKnown = isStamped || isRecognised(contract, marks, view);
  if (!isStamped) warnOfLostStamp(contract, isKnown, reading);
  if (!isKnown) return leftAlone("unrecognised");
  if (contract.nodeId !== member.nodeId) {
    context.warn(
      `${reading.title} on node ${member.nodeId}: contract ${contractId} was migrated to node ${contract.nodeId}`,
      `There it is of no use. The next apply ends it and makes another on node ${member.nodeId}.`,
    );
    return leftAlone("migrated");
  }
  const endpoint = view.kind === "unreachable" ? member.endpoint : await endpointOf(engine, contract, member);
  const hasMoved = endpoint !== member.endpoint;
  if (hasMoved) {
    context.warn(`${reading.title}: node ${member.nodeId} has a new address`, "The next apply tells its peers.");
  }
  const arrears = contract.state.kind === "GracePeriod" ? await getArrears(engine, contract) : undefined;
  const found = statusOfMember({ contract, view, arrears }, reading);
  const status = hasMoved || (!isStamped && found === "ok") ? "drifted" : found;
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

/** The stamp that this state wrote on a member's contract. */
function ownStamp(input: StateInput, { token }: MemberState): Stamp {
  return { ...ownRole(input), token };
}

/** What the stamps of all members have in common. */
function ownRole({ state }: StateInput): Pick<Stamp, "lineage" | "role"> {
  const attributes = new Attributes(state);
  const lineage = attributes.requireObject("project").requireText("id");
  return { lineage, role: `network/${attributes.requireText("identity")}` };
}

/** Another client rewrote the public text of a member's contract. */
function warnOfLostStamp({ contractId }: NodeContract, isKnown: boolean, { title, member, context }: Reading): void {
  context.warn(
    `${title} on node ${member.nodeId}: contract ${contractId} has lost its stamp`,
    isKnown
      ? "Another client rewrote its public text. By what it holds it still is this state's: the next apply writes the stamp again."
      : "Nothing shows that it is this state's: it is neither changed nor ended, and goes on billing.",
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
function statusOfMember(
  found: Pick<Finding, "contract" | "view" | "arrears">,
  { member, title, context, isBehind }: Reading,
): string {
  const where = `${title} on node ${member.nodeId}`;
  const status = statusOf({ ...found, title: where, knownHash: isBehind ? undefined : member.hash }, context);
  if (!isBehind) return status;
  if (status === "unreachable") return "unsynced";
  if (status !== "ok") return status;
  context.warn(`${where} is behind the others`, "An earlier change did not get through to it. The next apply does.");
  return "drifted";
}
