import { eventually } from "../eventually";
import type { DirectoryGround, Query } from "./directory-ground";
import { freeOf, idsOf, type NodeItem } from "./items";

/** A question, and which of all nodes it must give. */
interface Filter {
  readonly query: Query;
  readonly keeps: (node: NodeItem) => boolean;
}

/** Nodes report and are rented while the tests run. */
const CALM_MS = 5_000;

/** Values come from the nodes that are there, so that every filter has something to keep and to drop. */
const filters: Readonly<Record<string, (nodes: readonly NodeItem[]) => Filter>> = {
  "status=up": () => ({ query: { status: "up" }, keeps: ({ status }) => status === "up" }),
  "status=standby": () => ({ query: { status: "standby" }, keeps: ({ status }) => status === "standby" }),
  "status=down": () => ({ query: { status: "down" }, keeps: ({ status }) => status === "down" }),
  "status=up,standby": () => ({ query: { status: "up,standby" }, keeps: ({ status }) => status !== "down" }),
  ...freeFilters("mru"),
  ...freeFilters("sru"),
  ...freeFilters("hru"),
  total_cru: (nodes) => atLeast("total_cru", nodes, ({ total_resources }) => total_resources.cru),
  total_mru: (nodes) => atLeast("total_mru", nodes, ({ total_resources }) => total_resources.mru),
  total_sru: (nodes) => atLeast("total_sru", nodes, ({ total_resources }) => total_resources.sru),
  total_hru: (nodes) => atLeast("total_hru", nodes, ({ total_resources }) => total_resources.hru),
  free_ips: (nodes) => atLeast("free_ips", nodes, ({ farm_free_ips }) => farm_free_ips),
  "country, ignoring case": (nodes) => text("country", nodes, ({ country }) => country),
  "city, ignoring case": (nodes) => text("city", nodes, ({ city }) => city),
  "farm_name, ignoring case": (nodes) => text("farm_name", nodes, ({ farmName }) => farmName),
  country_contains: (nodes) => contains("country_contains", nodes, ({ country }) => country),
  certification_type: () => ({
    query: { certification_type: "Certified" },
    keeps: ({ certificationType }) => certificationType === "Certified",
  }),
  "farm_ids, one": (nodes) => {
    const farmId = first(nodes).farmId;
    return { query: { farm_ids: farmId }, keeps: (node) => node.farmId === farmId };
  },
  "farm_ids, several": (nodes) => {
    const farms = [...new Set(nodes.map(({ farmId }) => farmId))].slice(0, 2);
    return { query: { farm_ids: farms.join(",") }, keeps: ({ farmId }) => farms.includes(farmId) };
  },
  node_id: (nodes) => ({ query: { node_id: first(nodes).nodeId }, keeps: (node) => node === first(nodes) }),
  twin_id: (nodes) => ({ query: { twin_id: first(nodes).twinId }, keeps: (node) => node === first(nodes) }),
  node_ids: (nodes) => {
    const some = idsOf(nodes).slice(0, 3);
    return { query: { node_ids: some.join(",") }, keeps: ({ nodeId }) => some.includes(nodeId) };
  },
  excluded: (nodes) => {
    const some = idsOf(nodes).slice(0, 3);
    return { query: { excluded: some.join(",") }, keeps: ({ nodeId }) => !some.includes(nodeId) };
  },
  "ipv4=true": () => ({ query: { ipv4: true }, keeps: ({ publicConfig }) => publicConfig.ipv4 !== "" }),
  "ipv4=false": () => ({ query: { ipv4: false }, keeps: ({ publicConfig }) => publicConfig.ipv4 === "" }),
  "ipv6=true": () => ({ query: { ipv6: true }, keeps: ({ publicConfig }) => publicConfig.ipv6 !== "" }),
  "domain=true": () => ({ query: { domain: true }, keeps: ({ publicConfig }) => publicConfig.domain !== "" }),
  "has_gpu=true": () => ({ query: { has_gpu: true }, keeps: ({ num_gpu }) => num_gpu > 0 }),
  "healthy=true": () => ({ query: { healthy: true }, keeps: ({ healthy }) => healthy }),
  in_dedicated_farm: () => ({ query: { in_dedicated_farm: true }, keeps: ({ inDedicatedFarm }) => inDedicatedFarm }),
  "rented=true": () => ({ query: { rented: true }, keeps: ({ rented }) => rented }),
  "rented=false": () => ({ query: { rented: false }, keeps: ({ rented }) => !rented }),
  "rentable=true": () => ({ query: { rentable: true }, keeps: ({ rentable }) => rentable }),
  rented_by: (nodes) => {
    const twinId = renterOf(nodes);
    return { query: { rented_by: twinId }, keeps: ({ rentedByTwinId }) => rentedByTwinId === twinId };
  },
  "available_for a renter": (nodes) => availableFor(renterOf(nodes)),
  "available_for somebody else": (nodes) => availableFor(renterOf(nodes) + 1),
  "features, one": () => ({ query: { features: "zdb" }, keeps: ({ features }) => features.includes("zdb") }),
  "features, all of several": () => ({
    query: { features: "gateway-name-proxy,wireguard" },
    keeps: ({ features }) => features.includes("gateway-name-proxy") && features.includes("wireguard"),
  }),
  "what deployers ask": (nodes) => {
    const { country } = first(nodes);
    const needs = { cru: 2, mru: 2 * 1024 ** 3, sru: 10 * 1024 ** 3 };
    const query = { total_cru: needs.cru, free_mru: needs.mru, free_sru: needs.sru, features: "zmachine,zmount" };
    return {
      query: { ...query, country, status: "up", healthy: true, available_for: renterOf(nodes) },
      keeps: (node) =>
        node.status === "up" &&
        node.healthy &&
        node.country === country &&
        node.total_resources.cru >= needs.cru &&
        freeOf(node, "mru") >= needs.mru &&
        freeOf(node, "sru") >= needs.sru &&
        ["zmachine", "zmount"].every((feature) => node.features.includes(feature)) &&
        availableFor(renterOf(nodes)).keeps(node),
    };
  },
};

/** What placement relies on: each filter gives exactly the nodes that fulfil it. */
export function nodeFilters(ground: () => DirectoryGround): void {
  describe("node filters", () => {
    test.each(Object.entries(filters))("%s", async (_, make) => {
      await eventually(async () => {
        const all = await ground().nodes();
        const { query, keeps } = make(all);
        expect(idsOf(await ground().nodes(query))).toEqual(idsOf(all.filter(keeps)));
      }, CALM_MS);
    });
  });

  describe("node order", () => {
    const nodes = (query: Query) => ground().nodes(query);

    test("is by number unless asked otherwise", async () => {
      const numbers = (await nodes({})).map(({ nodeId }) => nodeId);
      expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
    });

    test("is by free cores, most first, as deployers ask", async () => {
      const cores = (await nodes({ sort_by: "free_cru", sort_order: "desc" })).map((node) => freeOf(node, "cru"));
      expect(cores).toEqual([...cores].sort((one, other) => other - one));
    });

    test("puts rented nodes first for the one they are available for", async () => {
      const renter = renterOf(await nodes({}));
      const isRented = (await nodes({ available_for: renter, sort_by: "node_id" })).map(({ rented }) => rented);
      expect(isRented).toEqual([...isRented].sort((one, other) => Number(other) - Number(one)));
    });

    test("may be any, over the same nodes", async () => {
      expect(idsOf(await ground().ask("/nodes", { randomize: true, size: 1_000_000 }))).toEqual(
        idsOf(await ground().list<NodeItem>("/nodes")),
      );
    });
  });
}

function freeFilters(kind: "mru" | "sru" | "hru"): Record<string, (nodes: readonly NodeItem[]) => Filter> {
  const free = (node: NodeItem) => freeOf(node, kind);
  return {
    [`free_${kind}`]: (nodes) => atLeast(`free_${kind}`, nodes, free),
    [`free_${kind}, a byte more than a node has`]: (nodes) => {
      const least = median(nodes.map(free)) + 1;
      return { query: { [`free_${kind}`]: least }, keeps: (node) => free(node) >= least };
    },
  };
}

function atLeast(name: string, nodes: readonly NodeItem[], read: (node: NodeItem) => number): Filter {
  const least = median(nodes.map(read));
  return { query: { [name]: least }, keeps: (node) => read(node) >= least };
}

function text(name: string, nodes: readonly NodeItem[], read: (node: NodeItem) => string): Filter {
  const wanted = read(first(nodes)).toLowerCase();
  return { query: { [name]: wanted.toUpperCase() }, keeps: (node) => read(node).toLowerCase() === wanted };
}

function contains(name: string, nodes: readonly NodeItem[], read: (node: NodeItem) => string): Filter {
  const part = read(first(nodes)).slice(1, 4).toLowerCase();
  return { query: { [name]: part.toUpperCase() }, keeps: (node) => read(node).toLowerCase().includes(part) };
}

function availableFor(twinId: number): Filter {
  return {
    query: { available_for: twinId },
    keeps: ({ rentedByTwinId, rented, inDedicatedFarm, extraFee }) =>
      rentedByTwinId === twinId || (!rented && !inDedicatedFarm && extraFee === 0),
  };
}

/** Somebody who rents a node, or any twin when nobody does. */
function renterOf(nodes: readonly NodeItem[]): number {
  return nodes.find(({ rented }) => rented)?.rentedByTwinId ?? 1;
}

function first(nodes: readonly NodeItem[]): NodeItem {
  const node = nodes.find(({ status }) => status === "up") ?? nodes[0];
  if (!node) throw new Error("the directory lists no node");
  return node;
}

/** A value that some have and others do not reach. */
function median(values: readonly number[]): number {
  const sorted = values.filter((value) => value >= 0).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
