import { projectAttributes } from "../../deployment/common-attributes";
import type { BlockSchema } from "../../schema/schema";

/** Schema of `threefold_dedicated_node`. */
export const dedicatedNodeSchema: BlockSchema = {
  version: 0,
  description:
    "A whole node for this account alone, under one rent contract. You pay for all the node has, at the discount for dedicated nodes (half price at present) and with the farmer's extra fee, which has no discount; while the node stands by it costs nothing. What runs on it then costs no more, public IPv4 and traffic excepted. Nodes of dedicated farms and nodes with an extra fee can be used in no other way. Let what runs on it refer to `node_id` of this resource: then it is made after the rent and ended before it, as the chain demands.",
  attributes: {
    ...projectAttributes,
    node_id: {
      type: "number",
      required: true,
      description:
        "The node. It must be nobody's and, unless its farm is a dedicated one, run nothing. Another node is a replacement.",
    },
    contract_id: { type: "string", computed: true, description: "Number of the rent contract on the chain." },
    stamp: {
      type: "string",
      computed: true,
      description:
        "Token that this state wrote into the account's note about the rent. The rent is ended only while the note has this one.",
    },
    status: {
      type: "string",
      computed: true,
      description:
        "`ok`; `pending` (interrupted, the next apply finishes it); `grace` (unpaid); `handed_over` (the rent belongs to another state).",
    },
  },
};
