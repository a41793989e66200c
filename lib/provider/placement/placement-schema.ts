import { badValue } from "../../core/bad-value";
import type { GridError } from "../../core/errors";
import { ON_NODE_DOWN } from "../../model/placement";
import type { Attribute } from "../schema/schema";
import { isObjectValue, type Value } from "../schema/value";

/** What a workload needs of its node. */
export const requestAttributes: Readonly<Record<string, Attribute>> = {
  node_id: {
    type: "number",
    optional: true,
    description: "Exactly this node. Its lasting facts must suit the rest; whether it has room is for the node to say.",
  },
  cpu: { type: "number", optional: true, description: "Cores a single machine wants." },
  memory_mib: { type: "number", optional: true, description: "Memory in MiB." },
  ssd_gib: { type: "number", optional: true, description: "SSD in GiB: disks, volumes and root filesystem together." },
  hdd_gib: { type: "number", optional: true, description: "HDD in GiB: zdb namespaces." },
  free_ipv4: { type: "number", optional: true, description: "Public IPv4 the farm must have free." },
  public_access: {
    type: "bool",
    optional: true,
    description: "true: a node with a public IPv4 of its own (an access node). false: one without.",
  },
  gateway: { type: "bool", optional: true, description: "A gateway node: public IPv4 and a domain." },
  certified: { type: "bool", optional: true, description: "A certified node." },
  country: { type: "string", optional: true, description: "Country, in English." },
  city: { type: "string", optional: true, description: "City." },
  region: { type: "string", optional: true, description: "`Europe`, `Americas`, `Asia`, `Africa`, `Oceania`." },
  farm_id: { type: "number", optional: true, description: "Farm, by number." },
  features: {
    type: { list: "string" },
    optional: true,
    description: "Features the node must have: `zmachine`, …; `a|b` is one of the two.",
  },
  exclude: { type: { list: "number" }, optional: true, description: "Nodes that are not wanted." },
  spread: {
    type: "string",
    optional: true,
    description: "Requests with the same text land on different nodes.",
  },
  rentable: {
    type: "bool",
    optional: true,
    description:
      "A node that can be rented as a whole, for `threefold_dedicated_node`: nobody rents it and nothing runs on it. Nodes of dedicated farms and nodes with an extra fee count, too.",
  },
  on_node_down: {
    type: "string",
    optional: true,
    description:
      "`keep`: the choice stays when its node is down. `replace`: it goes to another node, and what was kept on the disks of the first is lost. A node is down when the directory does not have it as up, which takes up to 80 minutes, and it does not answer either. Defaults to `keep`.",
  },
};

/** Checks what is known of requests. */
export function checkRequests(requests: Value): readonly GridError[] {
  if (!isObjectValue(requests)) return [];
  return Object.entries(requests).flatMap(([key, request]) => {
    const given = isObjectValue(request) ? request.on_node_down : undefined;
    if (typeof given !== "string" || ON_NODE_DOWN.some((each) => each === given)) return [];
    const attribute = ["requests", key, "on_node_down"];
    return [badValue({ attribute, given, allowed: ON_NODE_DOWN.join(" or ") })];
  });
}

/** Attributes of a request that say how much, not what: while they are unknown, nothing speaks against an earlier choice. */
export const amountNames: ReadonlySet<string> = new Set(["cpu", "memory_mib", "ssd_gib", "hdd_gib", "free_ipv4"]);

/** The lasting facts of a node. */
export const factAttributes: Readonly<Record<string, Attribute>> = Object.fromEntries(
  Object.entries({
    node_id: ["number", "Number of the node."],
    twin_id: ["number", "Twin of the node."],
    farm_id: ["number", "Farm it belongs to."],
    farm_name: ["string", "Name of the farm."],
    country: ["string", "Country."],
    city: ["string", "City."],
    region: ["string", "Region, empty when unknown."],
    certified: ["bool", "Whether it is certified: such a node costs a quarter more."],
    public_ipv4: ["string", "Its own public IPv4, empty when it is hidden."],
    public_ipv6: ["string", "Its own public IPv6, or empty."],
    domain: ["string", "Gateway domain, or empty."],
    features: [{ list: "string" }, "What it can run."],
    total_cpu: ["number", "Cores it has, whoever uses them. Null when unknown."],
    total_memory_mib: ["number", "Memory it has, in MiB, the system's share included. Null when unknown."],
    total_ssd_gib: ["number", "SSD it has, in GiB. Null when unknown."],
    total_hdd_gib: ["number", "HDD it has, in GiB. Null when unknown."],
    farm_has_ipv4: ["bool", "Whether its farm owns public IPv4 at all, free or not. Null when unknown."],
  } as const).map(([name, [type, description]]) => [name, { type, computed: true, description }]),
);

/** The same facts where a configuration hands them on. */
export const givenFactAttributes: Readonly<Record<string, Attribute>> = Object.fromEntries(
  Object.entries(factAttributes).map(([name, { type, description }]) => [name, { type, optional: true, description }]),
);
