import { askFirst } from "../../engine/node/ask-first";
import { listGpus } from "../../engine/node/free-gpus";
import type { DataSource } from "../resource";
import { Attributes } from "../schema/attributes";
import type { Attribute } from "../schema/schema";
import type { Value } from "../schema/value";
import { lookUp } from "./look-up";

const cardAttributes: Readonly<Record<string, Attribute>> = {
  id: { type: "string", computed: true, description: "`slot/vendor/device`: what a machine's `gpus` take." },
  vendor: { type: "string", computed: true, description: "Name of the vendor." },
  device: { type: "string", computed: true, description: "Name of the device." },
  memory_mib: { type: "number", computed: true, description: "Memory in MiB; 0 when the node does not tell." },
  contract_id: { type: "string", computed: true, description: 'Contract of the machine that has it; "0" for none.' },
};

/** `threefold_node_gpus`: the graphics cards of one node. */
export const nodeGpus: DataSource = {
  typeName: "threefold_node_gpus",
  schema: {
    version: 0,
    description:
      "The graphics cards of one node, from the node itself. Machines get them on nodes that the account rents as a whole.",
    attributes: {
      node_id: { type: "number", required: true, description: "Number of the node." },
      gpus: {
        computed: true,
        description: "Its cards, by their slots.",
        nested: { nesting: "list", attributes: cardAttributes },
      },
      free: { type: { list: "string" }, computed: true, description: "Ids of the cards that no machine has now." },
      reachable: { type: "bool", computed: true, description: "Whether the node answered." },
    },
  },
  read: (config, context) => {
    const nodeId = new Attributes(config).requireNumber("node_id");
    const otherwise = { node_id: nodeId, gpus: [], free: [] };
    return lookUp(context, { what: `The graphics cards of node ${nodeId}`, otherwise }, async () => {
      const engine = await context.session.engine(context);
      const intent = { nodeId, title: "a machine with a graphics card" };
      const cards = await askFirst(engine, intent, (nodeTwinId) => listGpus(engine, nodeTwinId));
      const gpus = cards
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, vendor, device, vram, contract }): Value => {
          return { id, vendor, device, memory_mib: vram, contract_id: String(contract) };
        });
      const free = cards.filter(({ contract }) => contract === 0).map(({ id }) => id);
      return { node_id: nodeId, gpus, free };
    });
  },
};
