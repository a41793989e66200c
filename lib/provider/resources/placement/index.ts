import { GridError } from "../../../core/errors";
import {
  checkRequests,
  factAttributes,
  givenFactAttributes,
  requestAttributes,
} from "../../placement/placement-schema";
import type { ApplyInput, CallContext, PlanInput, PlanOutput, Resource, StateOutput } from "../../resource";
import { isObjectValue, isWhollyKnown, type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../../schema/value";
import { decideNodes, downAmong, isLeftWhenDown, type PlacementInput } from "./decide-nodes";

/** `threefold_placement`: keeps the choice of nodes, so that a cheaper node appearing moves nothing. */
export const placement: Resource = {
  typeName: "threefold_placement",
  schema: {
    version: 0,
    description:
      'The choice of a node for every request. A choice once made is kept while the node\'s lasting facts suit the request; only new or no longer suited requests take the proposal, and those with `on_node_down = "replace"` whose node is down.',
    attributes: {
      requests: {
        required: true,
        description: "What is wanted, by key: the same as given to `threefold_candidates`.",
        nested: { nesting: "map", attributes: requestAttributes },
      },
      proposals: {
        required: true,
        description: "`data.threefold_candidates.<name>.proposals`.",
        nested: { nesting: "map", attributes: givenFactAttributes },
      },
      findings: {
        type: { map: "string" },
        optional: true,
        description:
          "`data.threefold_candidates.<name>.findings`: why a request fits no node, or what speaks against the one it names.",
      },
      down: {
        type: { list: "number" },
        optional: true,
        description:
          '`data.threefold_candidates.<name>.down`: nodes that requests with `on_node_down = "replace"` leave. What is moved stays where it went when its first node comes back. Left out: nothing moves.',
      },
      nodes: {
        computed: true,
        description: "The chosen node of each request, with its lasting facts.",
        nested: { nesting: "map", attributes: factAttributes },
      },
      unplaced: {
        type: { list: "string" },
        computed: true,
        description: "Requests that have no node and no proposal. An apply is refused until there are none.",
      },
    },
  },
  validate: ({ requests = null }) => checkRequests(requests),
  plan: planPlacement,
  apply: applyPlacement,
  read: async ({ state }) => ({ state }),
  destroy: async () => undefined,
};

async function planPlacement({ prior, proposed }: PlanInput, context: CallContext): Promise<PlanOutput> {
  const requests = proposed.requests ?? null;
  if (!isObjectValue(requests)) return { planned: { ...proposed, nodes: UNKNOWN, unplaced: UNKNOWN } };
  const { proposals = null, down = null } = proposed;
  const given: PlacementInput = { requests, prior: prior?.nodes ?? null, proposals, down };
  const { nodes, isAllKept, undecided, unplaced } = decideNodes(given);
  // Proposals change with every look at the grid: while nobody needs one, the earlier ones stand, and so the plan is empty.
  const standing = (name: string): Value => {
    const earlier: Value = prior?.[name] ?? null;
    const now: Value = proposed[name] ?? null;
    // Terraform lets an earlier value stand only where there was one and there is one now.
    return isAllKept && earlier !== null && now !== null ? earlier : now;
  };
  const findings = standing("findings");
  for (const key of unplaced) context.warn(`No node fits "${key}"`, whereReasonsAre(key, findings));
  for (const [key, node] of nodes) {
    warnOfDoubt({ key, node, earlier: given.prior, findings }, context);
    warnOfDown({ ...given, key, node, findings: proposed.findings ?? null }, context);
  }
  return {
    planned: {
      ...proposed,
      proposals: standing("proposals"),
      findings,
      down: standing("down"),
      nodes: Object.fromEntries(nodes),
      unplaced: undecided.length > 0 ? UNKNOWN : unplaced,
    },
  };
}

/** The plan shows findings as they are: nobody has to read them twice. */
function whereReasonsAre(key: string, findings: Value): string {
  const why = reasonFor(key, findings) === undefined ? "There is no proposal for it." : "The reason is in `findings`.";
  return `${why} What depends on it cannot be made: an apply is refused until a node fits.`;
}

/** Only who is about to go to a node needs to hear what may be against it. */
function warnOfDoubt(
  choice: { readonly key: string; readonly node: Value; readonly earlier: Value; readonly findings: Value },
  context: CallContext,
): void {
  const { key, node, earlier, findings } = choice;
  const reason = reasonFor(key, findings);
  if (reason === undefined || !isObjectValue(node)) return;
  if (isObjectValue(earlier) && valuesEqual(earlier[key] ?? null, node)) return;
  context.warn(
    `Node ${String(node.node_id)} may refuse "${key}"`,
    `The finding is: ${reason}. The node itself decides at apply; when it refuses, nothing is left that bills.`,
  );
}

/** What moves because its node is down loses what it kept there; what cannot move is told of, too. */
function warnOfDown(
  choice: PlacementInput & { readonly key: string; readonly node: Value; readonly findings: Value },
  context: CallContext,
): void {
  const { key, node, prior, requests, down, findings } = choice;
  const earlier = isObjectValue(prior) ? (prior[key] ?? null) : null;
  const request = requests[key] ?? null;
  if (!isObjectValue(earlier) || !isObjectValue(node) || !downAmong(down)(earlier) || !isLeftWhenDown(request)) return;
  const from = String(earlier.node_id);
  const to = String(node.node_id);
  if (from === to) {
    const reason = reasonFor(key, findings) ?? "there is no proposal that it could take";
    context.warn(`"${key}" stays on node ${from}, which is down`, `It would move to another one, but: ${reason}.`);
  } else {
    context.warn(
      `"${key}" moves from node ${from}, which is down, to node ${to}`,
      `${lossOf(request)} Its contract on node ${from} ends. Apply this plan, and what node ${from} has of it is deleted when it comes back; set on_node_down to "keep" to wait for it instead.`,
    );
  }
}

/** What a request keeps on its node. */
function lossOf(request: Value): string {
  const { ssd_gib: ssd = null, hdd_gib: hdd = null } = isObjectValue(request) ? request : {};
  const keeps = [ssd, hdd].some((size) => size !== null && size !== 0);
  return keeps
    ? "It starts anew there: what is on its disks, volumes, root filesystem or in its store is lost."
    : "It is made anew there.";
}

function reasonFor(key: string, findings: Value): string | undefined {
  const reason = isObjectValue(findings) ? findings[key] : undefined;
  return typeof reason === "string" ? reason : undefined;
}

/** The plan has decided already, as far as it could. */
async function applyPlacement({ prior, planned }: ApplyInput): Promise<StateOutput> {
  const { requests = null, proposals = null, findings = null } = planned;
  if (!isObjectValue(requests)) throw new Error("a placement is applied without requests");
  const decided = { ...asNodes(prior?.nodes), ...asNodes(planned.nodes) };
  const { nodes, undecided, unplaced } = decideNodes({ requests, prior: decided, proposals, down: null });
  const open = [...undecided, ...unplaced];
  if (open.length > 0) throw noCandidate(open, findings);
  return { state: { ...planned, nodes: Object.fromEntries(nodes), unplaced: [] } };
}

/** Nodes that are known, by key. */
function asNodes(nodes: Value | undefined): ObjectValue {
  const known = Object.entries(isObjectValue(nodes) ? nodes : {}).filter(([, node]) => isWhollyKnown(node));
  return Object.fromEntries(known);
}

function noCandidate(keys: readonly string[], findings: Value): GridError {
  const reasons = keys.map((key) => [key, reasonFor(key, findings) ?? "there is no proposal that it could take"]);
  return new GridError({
    code: "TFG_NO_CANDIDATE",
    summary: `No node fits ${keys.map((key) => `"${key}"`).join(", ")}.`,
    facts: Object.fromEntries(reasons),
    standing: "Nothing was made or moved for it: what stands goes on as it was.",
    remedy: "ask for less, or for other places.",
    attribute: ["requests"],
  });
}
