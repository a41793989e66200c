import { projectAttributes } from "../../deployment/common-attributes";
import type { Attribute, BlockSchema } from "../../schema/schema";

const memberAttributes: Record<string, Attribute> = {
  type: {
    type: "string",
    computed: true,
    description: "Kind of its workload: `network`, or `network-light` on a light node.",
  },
  subnet: { type: "string", computed: true, description: "Its /24." },
  public_key: { type: "string", computed: true, description: "Its WireGuard public key." },
  listen_port: {
    type: "number",
    computed: true,
    description: "Its WireGuard port. Chosen once, then kept. 0 on a light node without WireGuard.",
  },
  endpoint: { type: "string", computed: true, description: "Public address others dial; empty when hidden." },
  access_node: {
    type: "number",
    computed: true,
    description: "The member a hidden node is attached to, or null.",
  },
  contract_id: { type: "string", computed: true, description: "Node contract of this member." },
  deployment_hash: { type: "string", computed: true, description: "Hash of that contract." },
  stamp: { type: "string", computed: true, description: "Token that this state wrote on that contract." },
  status: {
    type: "string",
    computed: true,
    description:
      "`ok`; `pending`, `error`, `absent`, `drifted` or `migrated` (the next apply repairs it); `unreachable`; `unsynced` (down during a change: repaired once it answers); `grace`; `handed_over`; `unrecognised` (left alone).",
  },
};

/** A mesh over many nodes. */
export const networkSchema: BlockSchema = {
  version: 0,
  description:
    "A WireGuard mesh over several nodes, and the address plan of the machines in it: one node contract per member node. Adding a machine on a member node changes no contract; a node that joins changes the others' peers only.",
  attributes: {
    ...projectAttributes,
    ip_range: {
      type: "string",
      optional: true,
      computed: true,
      description: "A private IPv4 /16. Defaults to `10.20.0.0/16`. Another range is a replacement.",
    },
    mycelium: {
      type: "bool",
      optional: true,
      computed: true,
      description: "Gives machines of the mesh the means for a mycelium address. Defaults to true.",
    },
    hosts: {
      type: { map: "number" },
      optional: true,
      description: "Machines by name, and the node each is on. Every name gets an address.",
    },
    nodes: {
      type: { list: "number" },
      optional: true,
      description: "Further members: nodes that are in the mesh without a machine of it, such as an access node.",
    },
    access: {
      type: { list: "string" },
      optional: true,
      description: "Names of users' machines that dial in. `threefold access` prints the configuration of each.",
    },
    access_nodes: {
      type: { map: "number" },
      optional: true,
      description:
        "The member that a user's machine is to dial, by the name in `access`. The others dial the member with the lowest number that has a public IPv4, and keep it while they can.",
    },
    reserved: {
      type: { map: "string" },
      optional: true,
      description:
        "Addresses that are kept for machines of other stacks, by a name of yours: `200-219` keeps .200 to .219 of every member's /24. One block per stack; no two overlap. Hosts get none of them.",
    },
    network_name: { type: "string", computed: true, description: "Name on the grid, for machines that join." },
    addresses: {
      type: { map: "string" },
      computed: true,
      description: "Address of each host. Kept while the host stays on its node; known in the plan.",
    },
    subnets: { type: { map: "string" }, computed: true, description: "Each member's /24, by node id." },
    members: {
      computed: true,
      description: "The mesh on each node, by node id.",
      nested: { nesting: "map", attributes: memberAttributes },
    },
    leaving: {
      computed: true,
      description:
        "Nodes that are wanted no longer and on which machines of the mesh still run, by node id. They stay connected; the next apply after the machines are gone ends their contracts.",
      nested: { nesting: "map", attributes: memberAttributes },
    },
    access_points: {
      computed: true,
      description: "Users' machines, by name.",
      nested: {
        nesting: "map",
        attributes: {
          subnet: { type: "string", computed: true, description: "Its /24." },
          public_key: { type: "string", computed: true, description: "Its WireGuard public key." },
          node_id: { type: "number", computed: true, description: "The member it dials." },
        },
      },
    },
  },
};
