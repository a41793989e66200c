import { isMovable, type PlacementRequest, unfitness } from "../../../model/placement";
import { amountNames } from "../../placement/placement-schema";
import { factsValue, readFacts, readRequest } from "../../placement/placement-values";
import { Attributes } from "../../schema/attributes";
import { isObjectValue, isWhollyKnown, type ObjectValue, UNKNOWN, type Value } from "../../schema/value";

/** What nodes are decided from; `prior` are the nodes of the last apply. */
export interface PlacementInput {
  readonly requests: ObjectValue;
  readonly prior: Value;
  readonly proposals: Value;
  /** Numbers of nodes that were found down; what is not known is not down. */
  readonly down: Value;
}

/** A node for every request, and what stands in the way where there is none. */
export interface Decision {
  /** By key: facts; UNKNOWN where there is no node. */
  readonly nodes: ReadonlyMap<string, Value>;
  /** Whether every node is an earlier choice, with nothing against it or with nowhere to go. */
  readonly isAllKept: boolean;
  /** Keys for which a node may turn up when more is known. */
  readonly undecided: readonly string[];
  /** Keys for which no node was proposed, or only one that is taken. They stay where they are, if anywhere. */
  readonly unplaced: readonly string[];
}

/**
 * Decides request by request: an earlier choice stays while its lasting facts suit, which amounts that are not known yet
 * do not question, and while its node is not down, if that is a reason to leave. Anything else takes the proposal. Where
 * there is none, what is on a node that is down stays; any other earlier choice stays in the plan, though not in an apply:
 * Terraform destroys what is about to move before it learns that there is nowhere to go.
 *
 * Pure: Terraform asks twice and wants the same answer.
 */
export function decideNodes({ requests, prior, proposals, down }: PlacementInput): Decision {
  const wanted = Object.entries(requests).filter(([, request]) => request !== null);
  const spreads = new Spreads();
  const isDown = downAmong(down);
  const kept = new Map<string, Value>();
  const nodes = new Map<string, Value>();
  for (const [key, request] of wanted) {
    const earlier = keptNode(request, earlierNode(prior, key), spreads);
    if (earlier) kept.set(key, earlier);
    nodes.set(key, earlier && !(isDown(earlier) && isLeftWhenDown(request)) ? earlier : UNKNOWN);
  }
  const open = new Map(
    wanted.flatMap(([key, request]) =>
      nodes.get(key) === UNKNOWN && isObjectValue(request) && isWhollyKnown(request)
        ? [[key, readRequest(new Attributes(request))] as const]
        : [],
    ),
  );
  for (const [key, facts] of proposedNodes(open, { requests, proposals, spreads })) nodes.set(key, facts);
  for (const [key, earlier] of kept) if (nodes.get(key) === UNKNOWN) nodes.set(key, earlier);
  const isAllKept = [...nodes].every(([key, node]) => node === kept.get(key));
  const missing = [...nodes].filter(([, node]) => node === UNKNOWN).map(([key]) => key);
  const isSettled = (key: string) => open.has(key) && isWhollyKnown(proposals);
  const unplaced = missing.filter(isSettled);
  for (const key of unplaced) nodes.set(key, earlierNode(prior, key) ?? UNKNOWN);
  return { nodes, isAllKept, undecided: missing.filter((key) => !isSettled(key)), unplaced };
}

/** Whether facts are of one of the nodes that were found down. */
export function downAmong(down: Value): (facts: Value) => boolean {
  const numbers = new Set(Array.isArray(down) ? down.filter((number) => number !== UNKNOWN).map(Number) : []);
  return (facts) => isObjectValue(facts) && numbers.has(Number(facts.node_id));
}

/** Whether a request goes elsewhere when its node is down. */
export function isLeftWhenDown(request: Value): boolean {
  const known = isObjectValue(request) ? withoutUnknownAmounts(request) : UNKNOWN;
  return isObjectValue(known) && isWhollyKnown(known) && isMovable(readRequest(new Attributes(known)));
}

/** Which nodes requests of one spread are on. */
class Spreads {
  readonly #nodes = new Map<string, Set<number>>();

  isFree({ spread }: PlacementRequest, nodeId: number): boolean {
    return spread === undefined || !this.#nodes.get(spread)?.has(nodeId);
  }

  take({ spread }: PlacementRequest, nodeId: number): void {
    if (spread !== undefined) this.#nodes.set(spread, (this.#nodes.get(spread) ?? new Set()).add(nodeId));
  }
}

/** The earlier choice, while nothing that is known of the request speaks against it. */
function keptNode(request: Value, earlier: ObjectValue | undefined, spreads: Spreads): ObjectValue | undefined {
  if (!isObjectValue(request) || !earlier) return undefined;
  const known = withoutUnknownAmounts(request);
  if (!isWhollyKnown(known)) return undefined;
  const asked = readRequest(new Attributes(known));
  const facts = readFacts(new Attributes(earlier));
  if (unfitness(asked, facts) !== undefined || !spreads.isFree(asked, facts.nodeId)) return undefined;
  spreads.take(asked, facts.nodeId);
  return earlier;
}

function earlierNode(prior: Value, key: string): ObjectValue | undefined {
  const earlier = isObjectValue(prior) ? prior[key] : undefined;
  return isObjectValue(earlier) ? factsValue(readFacts(new Attributes(earlier))) : undefined;
}

function withoutUnknownAmounts(request: ObjectValue): ObjectValue {
  const known = Object.entries(request).filter(([name, value]) => value !== UNKNOWN || !amountNames.has(name));
  return Object.fromEntries(known);
}

/** The proposals that can be taken: each request's own first, then those that others of its spread left. */
function* proposedNodes(
  open: ReadonlyMap<string, PlacementRequest>,
  given: { readonly requests: ObjectValue; readonly proposals: Value; readonly spreads: Spreads },
): Iterable<[string, ObjectValue]> {
  const { spreads } = given;
  const proposals = readProposals(given.proposals);
  const collided: [string, PlacementRequest][] = [];
  for (const [key, request] of open) {
    const facts = proposals.get(key);
    if (!facts) continue;
    if (spreads.isFree(request, facts.nodeId)) {
      spreads.take(request, facts.nodeId);
      yield [key, factsValue(facts)];
    } else {
      collided.push([key, request]);
    }
  }
  // Together the requests of a spread were proposed as many nodes as they are: what was kept elsewhere leaves some free.
  for (const [key, request] of collided) {
    const facts = [...proposals].find(
      ([other, node]) =>
        spreads.isFree(request, node.nodeId) &&
        replaces(given.requests[other] ?? null, request) &&
        unfitness(request, node) === undefined,
    )?.[1];
    if (!facts) continue;
    spreads.take(request, facts.nodeId);
    yield [key, factsValue(facts)];
  }
}

/** Whether a node that was proposed for `other` does for a request of the same spread: one that asks no more. */
function replaces(other: Value, request: PlacementRequest): boolean {
  if (!isObjectValue(other) || !isWhollyKnown(other)) return false;
  const { spread, cru, mru, sru, hru, freeIpv4 } = readRequest(new Attributes(other));
  const asksNoMore = request.mru <= mru && request.sru <= sru && request.hru <= hru && request.cru <= cru;
  return spread === request.spread && asksNoMore && request.freeIpv4 <= freeIpv4;
}

function readProposals(proposals: Value): ReadonlyMap<string, ReturnType<typeof readFacts>> {
  if (!isObjectValue(proposals)) return new Map();
  const known = Object.entries(proposals).flatMap(([key, proposal]) =>
    isObjectValue(proposal) && isWhollyKnown(proposal) ? [[key, readFacts(new Attributes(proposal))] as const] : [],
  );
  return new Map(known);
}
