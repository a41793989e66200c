import type { DirectoryNode } from "../../../lib/grid/clients";
import type { PlacementRequest } from "../../../lib/model/placement";
import { NodePool } from "../../../lib/provider/placement/node-pool";
import { listedNode } from "../../support/listed-node";

const GIB = 1024 ** 3;
type Query = Readonly<Record<string, string | number | boolean>>;

/** A pool over a directory that answers every question with the same nodes, and what was asked of it and of the chain. */
function pool(answer: (query: Query) => readonly DirectoryNode[], ipsOfFarm: Readonly<Record<number, number>> = {}) {
  const asked: Query[] = [];
  const farms: number[] = [];
  const directory = {
    listNodes: async (query: Query) => {
      asked.push(query);
      return [...answer(query)];
    },
  };
  const chain = {
    getFarmIps: async (farmId: number) => {
      farms.push(farmId);
      return Array.from({ length: ipsOfFarm[farmId] ?? 0 }, () => ({ ip: "", gateway: "", contractId: 1 }));
    },
  };
  const nodes = new NodePool({ directory, chain, twinId: 7, signal: new AbortController().signal });
  return { nodes, asked, farms };
}

function request(change: Partial<PlacementRequest> = {}): PlacementRequest {
  return { cru: 1, mru: GIB, sru: 0, hru: 0, freeIpv4: 0, gateway: false, features: [], exclude: [], ...change };
}

test("asks for many nodes by number in few questions, each number once", async () => {
  const { nodes, asked } = pool(() => []);
  await nodes.addNumbered([3, 3, ...Array.from({ length: 401 }, (_, index) => index + 1)]);
  expect(asked.map(({ node_ids: ids }) => String(ids).split(",").length)).toEqual([200, 200, 1]);
  expect(asked[0]?.node_ids).toMatch(/^1,2,3,4,/);
});

test("leaves to the directory what all requests of a region have in common", async () => {
  const { nodes, asked } = pool(() => []);
  await nodes.addFitting([request({ cru: 4, mru: 8 * GIB }), request({ mru: 2 * GIB }), request({ region: "Asia" })]);
  const usable = { status: "up", healthy: true, available_for: 7 };
  expect(asked).toEqual([
    { ...usable, total_cru: 1, free_mru: 2 * GIB },
    { ...usable, total_cru: 1, free_mru: GIB, region: "Asia" },
  ]);
});

test("asks for everything that is up when it has to be explained why nothing suits", async () => {
  const { nodes, asked } = pool(() => []);
  await nodes.addAll([request(), request({ region: "Asia" })]);
  expect(asked).toEqual([{ status: "up" }, { status: "up", region: "Asia" }]);
});

test("remembers the region a node was found in, whichever answer came first", async () => {
  const { nodes } = pool(() => [listedNode(1)]);
  await nodes.addNumbered([1]);
  await nodes.addFitting([request({ region: "Europe" })]);
  await nodes.addNumbered([1]);
  expect(nodes.candidates().map(({ nodeId, region }) => [nodeId, region])).toEqual([[1, "Europe"]]);
});

test("asks the chain once for each farm whose addresses the directory does not tell", async () => {
  const rows = [
    listedNode(1),
    listedNode(2),
    listedNode(3, { farmId: 2 }),
    listedNode(4, { farmId: 3, farmFreeIps: 1 }),
  ];
  const { nodes, farms } = pool(() => rows, { 1: 4 });
  await nodes.addNumbered([1, 2, 3, 4]);
  await nodes.complete([1, 2, 3, 4, 99]);
  expect(nodes.candidates().map(({ nodeId, farmHasIpv4 }) => [nodeId, farmHasIpv4])).toEqual([
    [1, true],
    [2, true],
    [3, false],
    [4, true],
  ]);
  expect(farms).toEqual([1, 2]);
});

test.each([
  ["free for all", {}],
  ["ours", { rentedByTwinId: 7, isInDedicatedFarm: true }],
  ["others", { rentedByTwinId: 8 }],
  ["needed", { isInDedicatedFarm: true }],
  ["needed", { extraFee: 1 }],
])("knows of a node that its rent is %s", async (rent, change) => {
  const { nodes } = pool(() => [listedNode(1, change)]);
  await nodes.addNumbered([1]);
  expect(nodes.candidates()[0]?.rent).toBe(rent);
});

test("asks for nodes to be rented by themselves: they need not be open to anything else", async () => {
  const { nodes, asked } = pool(() => []);
  await nodes.addFitting([request(), request({ rentable: true, cru: 0, mru: 0 })]);
  expect(asked).toEqual([
    { status: "up", healthy: true, available_for: 7, total_cru: 1, free_mru: GIB },
    { status: "up", healthy: true, rentable: true },
  ]);
});
