import { type GridError, hasCode, messageOf } from "../../core/errors";
import { checkRequests, factAttributes, requestAttributes } from "../placement/placement-schema";
import { factsValue, readRequest } from "../placement/placement-values";
import { proposeNodes } from "../placement/propose-nodes";
import type { CallContext, DataSource } from "../resource";
import { Attributes } from "../schema/attributes";
import type { ObjectValue } from "../schema/value";

/**
 * `threefold_candidates`: proposes a node for every request. What directory and nodes say or fail to say is never an
 * error: a destroy reads data sources, too. An account or a chain that is of no use is one, as everywhere: no destroy could work.
 */
export const candidates: DataSource = {
  typeName: "threefold_candidates",
  schema: {
    version: 0,
    description:
      "Proposes a node for every request from what the directory lists now. Feed it to `threefold_placement`, which keeps a choice once made.",
    attributes: {
      requests: {
        required: true,
        description:
          "What is wanted, by key: the identity of what is placed, so that what stands already is found where it is.",
        nested: { nesting: "map", attributes: requestAttributes },
      },
      project: {
        type: "string",
        optional: true,
        description:
          "Name of the project the requests are of, at its creation, or its lineage. Left out: what stands is looked for in every project of the account, and taken into account where only one has it.",
      },
      proposals: {
        computed: true,
        description: "The proposed node of each request that fits one.",
        nested: { nesting: "map", attributes: factAttributes },
      },
      findings: {
        type: { map: "string" },
        computed: true,
        description:
          "By key: why a request fits no node, or what speaks against the node it names. Empty when all is well.",
      },
      down: {
        type: { list: "number" },
        computed: true,
        description:
          'Nodes that requests with `on_node_down = "replace"` have to leave: the directory does not have them as up, and they do not answer either. Only nodes where such a request stands are looked at.',
      },
      reachable: { type: "bool", computed: true, description: "Whether the directory answered." },
    },
  },
  validate: ({ requests = null }) => checkRequests(requests),
  read: readCandidates,
};

async function readCandidates(config: ObjectValue, context: CallContext): Promise<ObjectValue> {
  const attributes = new Attributes(config);
  const wanted = attributes.objectMap("requests");
  const requests = new Map([...wanted].map(([key, request]) => [key, readRequest(request)]));
  const engine = await context.session.engine(context);
  try {
    const { chosen, findings, down } = await proposeNodes(requests, attributes.text("project"), engine);
    const proposals = [...chosen].map(([key, node]): [string, ObjectValue] => [key, factsValue(node)]);
    return {
      ...config,
      proposals: Object.fromEntries(proposals),
      findings: Object.fromEntries(findings),
      down,
      reachable: true,
    };
  } catch (error) {
    if (!isOfDirectory(error)) throw error;
    context.warn(`No nodes can be proposed for ${named([...requests.keys()])}`, messageOf(error));
    const findings = [...requests.keys()].map((key) => [key, "the directory of nodes gave no usable answer"]);
    return { ...config, proposals: {}, findings: Object.fromEntries(findings), down: [], reachable: false };
  }
}

function isOfDirectory(error: unknown): error is GridError {
  return hasCode(error, "TFG_DIRECTORY_UNREACHABLE") || hasCode(error, "TFG_DIRECTORY_REFUSED");
}

/** Names a few: two data sources of one configuration must not give the same warning. */
function named(keys: readonly string[]): string {
  const shown = keys.slice(0, 3).map((key) => `"${key}"`);
  const rest = keys.length - shown.length;
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
