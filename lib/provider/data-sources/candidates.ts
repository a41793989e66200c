import { type GridError, hasCode, messageOf } from "../../core/errors";
import type { EngineContext } from "../../engine/context";
import { choosePlacement, findStanding, type Placement, type PlacementRequest } from "../../model/placement";
import { NodePool } from "../placement/node-pool";
import { factAttributes, requestAttributes } from "../placement/placement-schema";
import { factsValue, readRequest } from "../placement/placement-values";
import type { CallContext, DataSource } from "../resource";
import { Attributes } from "../schema/attributes";
import type { ObjectValue } from "../schema/value";

/**
 * `threefold_candidates`: proposes a node for every request. What the directory says or fails to say is never an error: a
 * destroy reads data sources, too. An account or a chain that is of no use is one, as everywhere: no destroy could work.
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
      reachable: { type: "bool", computed: true, description: "Whether the directory answered." },
    },
  },
  read: readCandidates,
};

async function readCandidates(config: ObjectValue, context: CallContext): Promise<ObjectValue> {
  const attributes = new Attributes(config);
  const wanted = attributes.objectMap("requests");
  const requests = new Map([...wanted].map(([key, request]) => [key, readRequest(request)]));
  const engine = await context.session.engine(context);
  try {
    const { chosen, findings } = await propose(requests, attributes.text("project"), engine);
    const proposals = [...chosen].map(([key, node]): [string, ObjectValue] => [key, factsValue(node)]);
    return {
      ...config,
      proposals: Object.fromEntries(proposals),
      findings: Object.fromEntries(findings),
      reachable: true,
    };
  } catch (error) {
    if (!isOfDirectory(error)) throw error;
    context.warn(`No nodes can be proposed for ${named([...requests.keys()])}`, messageOf(error));
    const findings = [...requests.keys()].map((key) => [key, "the directory of nodes gave no usable answer"]);
    return { ...config, proposals: {}, findings: Object.fromEntries(findings), reachable: false };
  }
}

async function propose(
  requests: ReadonlyMap<string, PlacementRequest>,
  project: string | undefined,
  engine: EngineContext,
): Promise<Placement> {
  const standing = findStanding(await engine.ownContracts.listStamped(engine.signal), requests, project);
  const pool = new NodePool(engine);
  const all = [...requests.values()];
  const explicit = all.flatMap(({ nodeId }) => nodeId ?? []);
  const open = [...requests].filter(([key, { nodeId }]) => nodeId === undefined && !standing.has(key));
  const numbered = [...explicit, ...[...standing.values()].flat().map(({ nodeId }) => nodeId)];
  await Promise.all([pool.addNumbered(numbered), pool.addFitting(open.map(([, request]) => request))]);
  // What stands is held to the addresses of its farm before it is left where it is.
  if (all.some(({ freeIpv4 }) => freeIpv4 > 0)) await pool.complete(numbered);
  const first = choosePlacement(requests, pool.candidates(), standing);
  const homeless = [...requests].filter(([key, { nodeId }]) => nodeId === undefined && !first.chosen.has(key));
  if (homeless.length > 0) await pool.addAll(homeless.map(([, request]) => request));
  const { chosen, findings } = homeless.length > 0 ? choosePlacement(requests, pool.candidates(), standing) : first;
  const whole = [...chosen].map(async ([key, node]) => [key, await pool.completed(node)] as const);
  return { chosen: new Map(await Promise.all(whole)), findings };
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
