import { GridError } from "../../../core/errors";
import { factAttributes, givenFactAttributes, requestAttributes } from "../../placement/placement-schema";
import type { ApplyInput, CallContext, PlanInput, PlanOutput, Resource, StateOutput } from "../../resource";
import { isObjectValue, UNKNOWN, type Value, valuesEqual } from "../../schema/value";
import { decideNodes, type PlacementInput } from "./decide-nodes";

/** `threefold_placement`: keeps the choice of nodes, so that a cheaper node appearing moves nothing. */
export const placement: Resource = {
  typeName: "threefold_placement",
  schema: {
    version: 0,
    description:
      "The choice of a node for every request. A choice once made is kept while the node's lasting facts suit the request; only new or no longer suited requests take the proposal.",
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
  plan: planPlacement,
  apply: applyPlacement,
  read: async ({ state }) => ({ state }),
  destroy: async () => undefined,
};

async function planPlacement({ prior, proposed }: PlanInput, context: CallContext): Promise<PlanOutput> {
  const requests = proposed.requests ?? null;
  if (!isObjectValue(requests)) return { planned: { ...proposed, nodes: UNKNOWN, unplaced: UNKNOWN } };
  const given: PlacementInput = { requests, prior: prior?.nodes ?? null, proposals: proposed.proposals ?? null };
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
  for (const [key, node] of nodes) warnOfDoubt({ key, node, earlier: given.prior, findings }, context);
  return {
    planned: {
      ...proposed,
      proposals: standing("proposals"),
      findings,
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

function reasonFor(key: string, findings: Value): string | undefined {
  const reason = isObjectValue(findings) ? findings[key] : undefined;
  return typeof reason === "string" ? reason : undefined;
}

async function applyPlacement({ prior, planned }: ApplyInput): Promise<StateOutput> {
  const { requests = null, proposals = null, findings = null } = planned;
  if (!isObjectValue(requests)) throw new Error("a placement is applied without requests");
  const { nodes, undecided, unplaced } = decideNodes({ requests, prior: prior?.nodes ?? null, proposals });
  const open = [...undecided, ...unplaced];
  if (open.length > 0) throw noCandidate(open, findings);
  return { state: { ...planned, nodes: Object.fromEntries(nodes), unplaced: [] } };
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
