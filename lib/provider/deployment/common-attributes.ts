import type { Attribute, NestedType } from "../schema/schema";

/** The project an object belongs to: `project = threefold_project.main`. */
const projectType: NestedType = {
  nesting: "single",
  attributes: {
    id: {
      type: "string",
      required: true,
      description: "Lineage of the project, written into every contract's stamp.",
    },
    name: { type: "string", required: true, description: "Name of the project." },
    key_scope: {
      type: "string",
      required: true,
      description: "Name of the project when it was created: the scope of every derived key.",
    },
  },
};

/** Attributes of everything that belongs to a project. */
export const projectAttributes = {
  project: {
    nested: projectType,
    required: true,
    description: "The project it belongs to: pass the whole `threefold_project` resource.",
  },
  name: {
    type: "string",
    required: true,
    description: "Name shown in dashboards: 1 to 36 letters, digits and `_`. A change of it touches labels only.",
  },
  identity: {
    type: "string",
    optional: true,
    computed: true,
    description:
      "What makes it the same object from one run to the next: keys, stamps and hashes hang on it. Taken from the name at creation, then kept. Unique per kind in a project.",
  },
} as const satisfies Record<string, Attribute>;

/** Attributes of every resource that is one deployment under one contract. */
export const deploymentAttributes = {
  ...projectAttributes,
  node_id: { type: "number", required: true, description: "The node it runs on. Another node is a replacement." },
  allow_data_loss: {
    type: "bool",
    optional: true,
    description:
      "Lets a change in place drop or empty disks, namespaces and file systems instead of replacing the object.",
  },
  contract_id: { type: "string", computed: true, description: "Number of the node contract on the chain." },
  content_hash: {
    type: "string",
    computed: true,
    description:
      "Hash of what is wanted. Known in the plan whenever its inputs are; at creation it is the hash that is signed.",
  },
  deployment_hash: {
    type: "string",
    computed: true,
    description: "Hash of the contract on the chain when it last was as configured.",
  },
  stamp: {
    type: "string",
    computed: true,
    description:
      "Token that this state wrote on the contract. The contract is changed and ended only while it carries this one.",
  },
  status: {
    type: "string",
    computed: true,
    description:
      "`ok`; `pending` (interrupted, the next apply finishes it); `error`, `absent` or `drifted` (the next apply repairs it); `grace` (unpaid); `unreachable` (the node does not answer); `handed_over` (the contract belongs to another state); `unrecognised` (the contract lost its stamp, and nothing else shows that it is this state's).",
  },
} as const satisfies Record<string, Attribute>;
