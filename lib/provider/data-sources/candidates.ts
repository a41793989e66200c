import { messageOf } from "../../core/errors";
import { choosePlacement, type Placement, type PlacementRequest } from "../../model/placement";
import { factAttributes, requestAttributes } from "../placement/placement-schema";
import { candidateOf, factsValue, readRequest } from "../placement/placement-values";
import type { CallContext, DataSource } from "../resource";
import { Attributes } from "../schema/attributes";
import type { ObjectValue } from "../schema/value";

/** `threefold_candidates`: proposes a node for every request. Never an error: a destroy reads data sources, too. */
export const candidates: DataSource = {
  typeName: "threefold_candidates",
  schema: {
    version: 0,
    description:
      "Proposes a node for every request from what the directory lists now. Feed it to `threefold_placement`, which keeps a choice once made.",
    attributes: {
      requests: {
        required: true,
        description: "What is wanted, by key.",
        nested: { nesting: "map", attributes: requestAttributes },
      },
      proposals: {
        computed: true,
        description: "The proposed node of each request that fits one.",
        nested: { nesting: "map", attributes: factAttributes },
      },
      findings: {
        type: { map: "string" },
        computed: true,
        description: "Why a request fits no node, by key. Empty when all is well.",
      },
      reachable: { type: "bool", computed: true, description: "Whether the directory answered." },
    },
  },
  read: readCandidates,
};

async function readCandidates(config: ObjectValue, context: CallContext): Promise<ObjectValue> {
  const wanted = new Attributes(config).objectMap("requests");
  const requests = new Map([...wanted].map(([key, attributes]) => [key, readRequest(attributes)]));
  try {
    const { chosen, findings } = await propose(requests, context);
    const proposals = [...chosen].map(([key, node]): [string, ObjectValue] => [key, factsValue(node)]);
    return {
      ...config,
      proposals: Object.fromEntries(proposals),
      findings: Object.fromEntries(findings),
      reachable: true,
    };
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.warn("Nodes could not be looked up", messageOf(error));
    const reason = messageOf(error).split("\n")[0] ?? "";
    const findings = Object.fromEntries([...requests.keys()].map((key) => [key, reason]));
    return { ...config, proposals: {}, findings, reachable: false };
  }
}

async function propose(requests: ReadonlyMap<string, PlacementRequest>, context: CallContext): Promise<Placement> {
  const { directory, twinId } = await context.session.engine(context);
  const all = [...requests.values()];
  const explicit = new Set(all.flatMap(({ nodeId }) => (nodeId === undefined ? [] : [nodeId])));
  const open = all.filter(({ nodeId }) => nodeId === undefined);
  const regions = [...new Set(open.map(({ region }) => region))];
  const [listed, named] = await Promise.all([
    Promise.all(
      regions.map(async (region) => {
        const filter = commonFilter(
          open.filter((request) => request.region === region),
          twinId,
        );
        const nodes = await directory.listNodes(region === undefined ? filter : { ...filter, region }, context.signal);
        return nodes.map((node) => candidateOf({ ...node, region }, twinId));
      }),
    ),
    Promise.all([...explicit].map((nodeId) => directory.getNode(nodeId, context.signal))),
  ]);
  const known = named.flatMap((node) => (node ? [candidateOf(node, twinId)] : []));
  // Listed with a region beats listed without: that is the one answer that tells it.
  const nodes = new Map(
    [...known, ...listed.flat()].sort((x, y) => x.region.length - y.region.length).map((node) => [node.nodeId, node]),
  );
  return choosePlacement(requests, [...nodes.values()]);
}

/** What every open request has in common is left to the directory; the rest is decided here, where it can be explained. */
function commonFilter(
  requests: readonly PlacementRequest[],
  twinId: number,
): Record<string, string | number | boolean> {
  const open = requests.filter(({ nodeId }) => nodeId === undefined);
  const least = (of: (request: PlacementRequest) => number) => Math.min(...open.map(of));
  return {
    status: "up",
    healthy: true,
    available_for: twinId,
    ...positive({
      total_cru: least(({ cru }) => cru),
      free_mru: least(({ mru }) => mru),
      free_sru: least(({ sru }) => sru),
      free_hru: least(({ hru }) => hru),
    }),
  };
}

function positive(filter: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value > 0));
}
