import { deploymentAttributes } from "../../deployment/common-attributes";
import type { BlockSchema } from "../../schema/schema";

/** Schema of `threefold_deployment`. */
export const deploymentSchema: BlockSchema = {
  version: 0,
  description:
    "Any workloads on one node under one contract, in the grid's own JSON: for what the other resources do not cover. What nodes would refuse is found while it is written, changes are planned by what nodes can change in place, and versions are counted here. A gateway by name (`gateway-name-proxy`) is no part of it: it needs a name contract, which `threefold_gateway_name` makes.",
  attributes: {
    ...deploymentAttributes,
    workloads: {
      type: "string",
      required: true,
      description:
        'JSON list of workloads: `[{"name", "type", "data", "metadata"?, "description"?}]`, sizes in bytes. `{"$secret": "env:NAME"}`, `file:PATH` or `derive:zdb-password/<identity>/<version>` may stand in place of any text and must where a password or a key stands; only the node is told the value. Blanks, the order of keys and workloads, and values that are defaults anyway do not count as changes.',
    },
    metadata: {
      type: "string",
      optional: true,
      description:
        "Hashed text for other clients. A JSON text with `type`, `name` and `projectName` is also what dashboards show. Defaults to one of type `deployment`.",
    },
    description: {
      type: "string",
      optional: true,
      description:
        "Hashed text for people. A salt is appended to it, so that no guess of a password can be tested against the public hash.",
    },
    public_ips: {
      type: "number",
      computed: true,
      description:
        "Public IPv4 reserved with the contract: as many as there are `ip` workloads with `v4`. Another number is a replacement.",
    },
    results: {
      type: { map: "string" },
      computed: true,
      description:
        "What the node says of each workload, as JSON text by name: addresses, ids, domain names. No secrets.",
    },
  },
};
