import { GridError } from "../../../core/errors";
import { unfitness } from "../../../model/placement";
import { factAttributes, givenFactAttributes, requestAttributes } from "../../placement/placement-schema";
import { factsValue, readFacts, readRequest } from "../../placement/placement-values";
import type { ApplyInput, CallContext, PlanInput, PlanOutput, Resource, StateOutput } from "../../resource";
import { Attributes } from "../../schema/attributes";
import { isObjectValue, isWhollyKnown, type ObjectValue, UNKNOWN, type Value } from "../../schema/value";

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
        description: "`data.threefold_candidates.<name>.findings`: the reasons shown for requests that fit no node.",
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
  if (!isWhollyKnown(proposed.requests ?? null)) {
    return { planned: { ...proposed, nodes: UNKNOWN, unplaced: UNKNOWN } };
  }
  const requests = new Attributes(proposed).objectMap("requests");
  const kept = keptNodes(requests, prior);
  const isComplete = [...requests.keys()].every((key) => kept.has(key));
  // Proposals change with every look at the grid: while nobody needs one, the earlier ones stand, and so the plan is empty.
  const standing = (name: string): Value => {
    const earlier: Value = prior?.[name] ?? null;
    const given: Value = proposed[name] ?? null;
    // Terraform lets an earlier value stand only where there was one and there is one now.
    return isComplete && earlier !== null && given !== null ? earlier : given;
  };
  const proposals: Value = standing("proposals");
  const findings: Value = standing("findings");
  const nodes = [...requests.keys()].map((key): [string, Value] => [key, kept.get(key) ?? proposalFor(key, proposals)]);
  if (!isWhollyKnown(proposals))
    return { planned: { ...proposed, nodes: Object.fromEntries(nodes), unplaced: UNKNOWN } };
  const unplaced = nodes.filter(([, node]) => node === UNKNOWN).map(([key]) => key);
  for (const key of unplaced) context.warn(`No node for "${key}"`, reasonFor(key, findings));
  return { planned: { ...proposed, proposals, findings, nodes: Object.fromEntries(nodes), unplaced } };
}

function reasonFor(key: string, findings: Value): string {
  const reason = isObjectValue(findings) ? findings[key] : undefined;
  return typeof reason === "string" ? `${reason}.` : "There is no proposal for it.";
}

async function applyPlacement({ planned }: ApplyInput): Promise<StateOutput> {
  const { nodes, proposals } = planned;
  if (!isObjectValue(nodes ?? null)) throw noCandidate(["every request"]);
  const settled = Object.entries(nodes as ObjectValue).map(([key, node]): [string, Value] => [
    key,
    node === UNKNOWN ? proposalFor(key, proposals ?? null) : node,
  ]);
  const open = settled.filter(([, node]) => node === UNKNOWN).map(([key]) => key);
  if (open.length > 0) throw noCandidate(open);
  return { state: { ...planned, nodes: Object.fromEntries(settled), unplaced: [] } };
}

/** Earlier choices whose lasting facts still suit what is asked. */
function keptNodes(requests: ReadonlyMap<string, Attributes>, prior: ObjectValue | null): Map<string, ObjectValue> {
  const earlier = prior === null ? new Map<string, Attributes>() : new Attributes(prior).objectMap("nodes");
  const kept = new Map<string, ObjectValue>();
  for (const [key, attributes] of requests) {
    const node = earlier.get(key);
    if (!node) continue;
    const facts = readFacts(node);
    if (unfitness(readRequest(attributes), facts) === undefined) kept.set(key, factsValue(facts));
  }
  return kept;
}

function proposalFor(key: string, proposals: Value): Value {
  if (!isObjectValue(proposals)) return UNKNOWN;
  const proposal = proposals[key] ?? null;
  return isObjectValue(proposal) && isWhollyKnown(proposal) ? factsValue(readFacts(new Attributes(proposal))) : UNKNOWN;
}

function noCandidate(keys: readonly string[]): GridError {
  return new GridError({
    code: "TFG_NO_CANDIDATE",
    summary: `No node fits ${keys.map((key) => `"${key}"`).join(", ")}.`,
    standing: "Nothing was made for what depends on it.",
    remedy: "see `findings` of threefold_candidates for the reasons, and ask for less or for other places.",
    attribute: ["requests"],
  });
}
