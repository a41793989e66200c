import { askNodes, type ListedContract, listContracts } from "../../engine/contracts/list-contracts";
import { orphanReason } from "../../engine/contracts/orphans";
import { decodeLabelName } from "../../model/deployment-data";
import type { DataSource } from "../resource";
import { Attributes } from "../schema/attributes";
import type { Attribute } from "../schema/schema";
import type { ObjectValue } from "../schema/value";
import { lookUp } from "./look-up";

const contractAttributes: Readonly<Record<string, Attribute>> = Object.fromEntries(
  Object.entries({
    contract_id: ["string", "Number of the contract."],
    kind: ["string", "`node`, `name` or `rent`."],
    node_id: ["number", "Its node; null for names."],
    name: ["string", "Name shown in dashboards, or the gateway name; null for rents and what has none."],
    state: ["string", "`created`, or `grace` while it is unpaid."],
    project: ["string", "Name of the project whose stamp it carries, at its creation; null without a stamp."],
    lineage: ["string", "The whole lineage id in the stamp: what `adopt` of `threefold_project` takes."],
    role: ["string", "What it is for in that project: `virtual_machine/web`."],
    deployment_hash: ["string", "Hash of the deployment; null for names and rents."],
    public_ips: ["number", "Public IPv4 reserved with it."],
    orphan: [
      "bool",
      "Whether nothing seems to need it any more. Cancel such a contract in the dashboard: it may bill.",
    ],
    orphan_reason: ["string", "Why; null when something needs it."],
  } as const).map(([name, [type, description]]) => [name, { type, computed: true, description }]),
);

/** `threefold_contracts`: what the account has on the grid, whoever of its clients made it. */
export const contracts: DataSource = {
  typeName: "threefold_contracts",
  schema: {
    version: 0,
    description:
      "The account's live contracts, by number: those the directory lists, confirmed on the chain, so that one made within the last minutes may be missing. Orphans are marked. What is listed changes with everything that is made: do not feed it to resources.",
    attributes: {
      project: {
        type: "string",
        optional: true,
        description:
          "Only contracts with the stamp of this project: its name at creation, or its lineage id. Name contracts carry no stamp. All contracts when left out.",
      },
      ask_nodes: {
        type: "bool",
        optional: true,
        description:
          "Asks each node what it runs, and marks contracts that their node knows nothing of and names that no gateway uses. Takes up to 20 seconds when a node is down. Defaults to false.",
      },
      contracts: {
        computed: true,
        description: "The contracts.",
        nested: { nesting: "list", attributes: contractAttributes },
      },
      silent_nodes: {
        type: { list: "number" },
        computed: true,
        description: "Nodes that were asked and did not answer, by number.",
      },
      reachable: { type: "bool", computed: true, description: "Whether the directory answered." },
    },
  },
  read: (config, context) =>
    lookUp(context, { what: "Contracts", otherwise: { ...config, contracts: [], silent_nodes: [] } }, async () => {
      const attributes = new Attributes(config);
      const project = attributes.text("project");
      const engine = await context.session.engine(context);
      const all = await listContracts(engine);
      const answers = attributes.flag("ask_nodes") ? await askNodes(engine, all) : undefined;
      const silent = [...(answers ?? [])].flatMap(([nodeId, said]) => (said === undefined ? [nodeId] : []));
      for (const nodeId of silent) context.warn(`Node ${nodeId} did not say what it runs`, "Its contracts are listed.");
      const wanted = all.filter((listed) => project === undefined || isOf(listed, project));
      return {
        ...config,
        contracts: wanted.map((listed) => contractValue(listed, orphanReason(listed, all, answers))),
        silent_nodes: silent.sort((a, b) => a - b),
      };
    }),
};

function isOf({ stamp }: ListedContract, project: string): boolean {
  return stamp !== undefined && (stamp.lineage === project || projectIn(stamp.lineage) === project);
}

function projectIn(lineage: string): string {
  return lineage.slice(0, lineage.lastIndexOf("."));
}

function contractValue({ contract, stamp }: ListedContract, reason: string | undefined): ObjectValue {
  const isNode = contract.kind === "node";
  return {
    contract_id: String(contract.contractId),
    kind: contract.kind,
    node_id: contract.kind === "name" ? null : contract.nodeId,
    name: contract.kind === "name" ? contract.name : (isNode && decodeLabelName(contract.deploymentData)) || null,
    state: contract.state.kind === "GracePeriod" ? "grace" : "created",
    project: stamp ? projectIn(stamp.lineage) : null,
    lineage: stamp?.lineage ?? null,
    role: stamp?.role ?? null,
    deployment_hash: isNode ? contract.deploymentHash : null,
    public_ips: isNode ? contract.publicIps : 0,
    orphan: reason !== undefined,
    orphan_reason: reason ?? null,
  };
}
