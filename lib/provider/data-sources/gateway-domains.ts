import { factAttributes } from "../placement/placement-schema";
import { candidateOf, factsValue } from "../placement/placement-values";
import type { CallContext, DataSource } from "../resource";
import { Attributes } from "../schema/attributes";
import type { ObjectValue } from "../schema/value";
import { lookUp } from "./look-up";

/** `threefold_gateway_domains`: the nodes that serve gateways by name, and under which domain. */
export const gatewayDomains: DataSource = {
  typeName: "threefold_gateway_domains",
  schema: {
    version: 0,
    description: "The web gateways of the grid that are up: nodes with a public address and a domain.",
    attributes: {
      country: { type: "string", optional: true, description: "Only those in this country, in English." },
      farm_id: { type: "number", optional: true, description: "Only those of this farm." },
      gateways: {
        computed: true,
        description: "The gateways, by number of their nodes.",
        nested: { nesting: "list", attributes: factAttributes },
      },
      findings: {
        type: { list: "string" },
        computed: true,
        description: "Why the list is empty or not to be trusted. Empty when all is well.",
      },
      reachable: { type: "bool", computed: true, description: "Whether the directory answered." },
    },
  },
  read: readGatewayDomains,
};

function readGatewayDomains(config: ObjectValue, context: CallContext): Promise<ObjectValue> {
  const otherwise = { ...config, gateways: [], findings: ["the directory gave no usable answer"] };
  return lookUp(context, { what: "Gateways", otherwise }, async () => {
    const gateways = await listGateways(new Attributes(config), context);
    const findings = gateways.length > 0 ? [] : ["the directory lists no such gateway that is up"];
    return { ...config, gateways, findings };
  });
}

async function listGateways(filter: Attributes, context: CallContext): Promise<ObjectValue[]> {
  const { directory, twinId } = await context.session.engine(context);
  const country = filter.text("country");
  const farmId = filter.number("farm_id");
  const query = {
    ...{ status: "up", healthy: true, domain: true, available_for: twinId },
    ...(country === undefined ? {} : { country }),
    ...(farmId === undefined ? {} : { farm_ids: farmId }),
  };
  const nodes = await directory.listNodes(query, context.signal);
  return nodes.sort((a, b) => a.nodeId - b.nodeId).map((node) => factsValue(candidateOf(node, twinId)));
}
