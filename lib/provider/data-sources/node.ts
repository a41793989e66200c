import { factAttributes } from "../placement/placement-schema";
import { candidateOf, factsValue } from "../placement/placement-values";
import type { DataSource } from "../resource";
import { Attributes } from "../schema/attributes";
import type { ObjectValue } from "../schema/value";
import { lookUp } from "./look-up";

/** `threefold_node`: the lasting facts of one node. */
export const node: DataSource = {
  typeName: "threefold_node",
  schema: {
    version: 0,
    description: "The lasting facts of one node, from the directory.",
    attributes: {
      ...factAttributes,
      node_id: { type: "number", required: true, description: "Number of the node." },
      exists: { type: "bool", computed: true, description: "Whether the directory knows it." },
      reachable: { type: "bool", computed: true, description: "Whether the directory answered." },
    },
  },
  read: (config, context) => {
    const nodeId = new Attributes(config).requireNumber("node_id");
    const unset: ObjectValue = Object.fromEntries(Object.keys(factAttributes).map((name) => [name, null]));
    const otherwise = { ...unset, node_id: nodeId, exists: null };
    return lookUp(context, { what: `Node ${nodeId}`, otherwise }, async () => {
      const { directory, twinId } = await context.session.engine(context);
      const found = await directory.getNode(nodeId, context.signal);
      if (!found) context.warn(`Node ${nodeId} is not in the directory`, "Check the number and the network.");
      const facts = found ? factsValue(candidateOf(found, twinId)) : unset;
      return { ...unset, ...facts, node_id: nodeId, exists: found !== undefined };
    });
  },
};
