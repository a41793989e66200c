/** Proposals for what stands on nodes that may be down: who is asked, what is believed, and where things go. */
import { GridError } from "../../../lib/core/errors";
import type { DirectoryNode } from "../../../lib/grid/clients";
import type { PlacementRequest } from "../../../lib/model/placement";
import { proposeNodes } from "../../../lib/provider/placement/propose-nodes";
import { listedNode } from "../../support/listed-node";

const GIB = 1024 ** 3;

/** What a node does when it is asked. */
type Manner = "answers" | "is silent" | "refuses" | "is out of reach" | "answers late";

const request = (change: Partial<PlacementRequest> = {}): PlacementRequest => {
  return { cru: 1, mru: GIB, sru: 0, hru: 0, freeIpv4: 0, gateway: false, features: [], exclude: [], ...change };
};

const movable = request({ onNodeDown: "replace" });
const member = request({ cru: 0, mru: 0, onNodeDown: "replace" });

/** A grid with nodes by number, contracts by role and node, and what was asked of whom. */
function grid(
  nodes: Readonly<Record<number, Partial<DirectoryNode>>>,
  manners: Readonly<Record<number, Manner>> = {},
  contracts: readonly (readonly [role: string, nodeId: number, lineage?: string])[] = [["virtual_machine/web", 1]],
) {
  const asked: number[] = [];
  const listed = Object.entries(nodes).map(([id, change]) => listedNode(Number(id), change));
  const call = async (twinId: number) => {
    const nodeId = twinId - 100;
    asked.push(nodeId);
    const manner = manners[nodeId] ?? "answers";
    const isSilent =
      manner === "is silent" || (manner === "answers late" && asked.filter((id) => id === nodeId).length < 3);
    if (isSilent) throw failure("TFG_NODE_UNREACHABLE");
    if (manner === "refuses") throw failure("TFG_NODE_REFUSED");
    if (manner === "is out of reach") throw failure("TFG_RELAY_UNREACHABLE");
    return {};
  };
  const engine = {
    twinId: 7,
    signal: new AbortController().signal,
    clock: { now: () => 0, sleep: async () => undefined },
    nodes: async () => ({ call, close: async () => undefined }),
    chain: { getFarmIps: async () => [] },
    directory: {
      listNodes: async (query: Readonly<Record<string, unknown>>) => {
        const ids = query.node_ids === undefined ? undefined : String(query.node_ids).split(",").map(Number);
        return listed.filter(({ nodeId, status }) => (ids ? ids.includes(nodeId) : query.status === status));
      },
    },
    ownContracts: {
      listStamped: async () =>
        contracts.map(([role, nodeId, lineage = "shop.1"], index) => ({
          contractId: index + 1,
          nodeId,
          stamp: { lineage, role, token: "t" },
        })),
    },
  };
  const propose = async (requests: Readonly<Record<string, PlacementRequest>>) => {
    const { chosen, findings, down } = await proposeNodes(new Map(Object.entries(requests)), "shop", engine);
    const nodeIds = Object.fromEntries([...chosen].map(([key, { nodeId }]) => [key, nodeId]));
    return { chosen: nodeIds, findings: Object.fromEntries(findings), down };
  };
  return { asked, propose };
}

const failure = (code: `TFG_${string}`) => new GridError({ code, summary: "no", standing: "", remedy: "" });
const DOWN = { status: "down" } as const;
/** Fewer choices, in this order. */
const ROOMY = (gib: number) => ({ used: { cru: 0, mru: (32 - gib) * GIB, sru: 0, hru: 0 } });

test.each<[string, Partial<DirectoryNode>, PlacementRequest]>([
  ["when every node is listed as up", {}, movable],
  ["when what is on a node that is not waits for it", DOWN, request({ onNodeDown: "keep" })],
  ["when nothing is said", DOWN, request()],
  ["when what is on it has named it", DOWN, { ...movable, nodeId: 1 }],
])("nobody is asked %s", async (_, first, web) => {
  const { asked, propose } = grid({ 1: first, 2: {} });
  expect(await propose({ web })).toEqual({ chosen: { web: 1 }, findings: {}, down: [] });
  expect(asked).toEqual([]);
});

test.each(["down", "standby"] as const)(
  "a node that is %s is asked three times, then left for one that answers",
  async (status) => {
    const { asked, propose } = grid({ 1: { status }, 2: {} }, { 1: "is silent" });
    expect(await propose({ web: movable })).toEqual({ chosen: { web: 2 }, findings: {}, down: [1] });
    expect(asked).toEqual([1, 1, 1, 2]);
  },
);

test.each<[Manner, number]>([
  ["answers", 1],
  ["refuses", 1],
  ["is out of reach", 1],
  ["answers late", 3],
])("a node that is listed as down and %s is not", async (manner, times) => {
  const { asked, propose } = grid({ 1: DOWN, 2: {} }, { 1: manner });
  expect(await propose({ web: movable })).toEqual({ chosen: { web: 1 }, findings: {}, down: [] });
  expect(asked).toHaveLength(times);
});

test("a node that does not answer is not gone to", async () => {
  const nodes = { 1: DOWN, 2: ROOMY(30), 3: ROOMY(20), 4: ROOMY(10) };
  const { asked, propose } = grid(nodes, { 1: "is silent", 3: "answers" }, [
    ["virtual_machine/web", 1],
    ["virtual_machine/api", 1],
  ]);
  expect((await propose({ web: movable, api: movable })).chosen).toEqual({ api: 2, web: 3 });
  expect(asked.slice(3).sort()).toEqual([2, 3]);
  const half = grid(nodes, { 1: "is silent", 2: "is silent" }, [
    ["virtual_machine/web", 1],
    ["virtual_machine/api", 1],
  ]);
  expect((await half.propose({ web: movable, api: movable })).chosen).toEqual({ api: 3, web: 4 });
});

test("nothing moves to a node that cannot be asked", async () => {
  const { propose } = grid({ 1: DOWN, 2: {} }, { 1: "is silent", 2: "is out of reach" });
  const { chosen, findings } = await propose({ web: movable });
  expect([chosen, findings.web]).toEqual([{}, "none of the nodes that were tried answers"]);
});

test("nothing moves when nobody answers: it may be the way to the nodes that is broken", async () => {
  const nodes = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [index + 2, {}]));
  const silent = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [index + 1, "is silent" as const]));
  const { asked, propose } = grid({ 1: DOWN, ...nodes }, silent);
  const { chosen, findings } = await propose({ web: movable });
  expect(chosen).toEqual({});
  expect(findings.web).toBe("none of the nodes that were tried answers");
  expect(asked.length).toBeLessThan(7);
});

test("what shares the dead node and waits for it is proposed it as before", async () => {
  const { propose } = grid({ 1: DOWN, 2: {} }, { 1: "is silent" }, [
    ["virtual_machine/web", 1],
    ["zdb/db", 1],
  ]);
  expect((await propose({ web: movable, db: request() })).chosen).toEqual({ web: 2, db: 1 });
});

test("a member of a mesh that is on the node of a machine is looked for on all nodes of the project, and no others", async () => {
  const contracts = [
    ["virtual_machine/web", 1],
    ["network/mesh", 1],
    ["zdb/other", 3, "other.1"],
  ] as const;
  const { asked, propose } = grid({ 1: DOWN, 2: {}, 3: DOWN }, { 1: "is silent", 3: "is silent" }, contracts);
  const requests = { "mesh/hub": member, web: request() };
  expect(await propose(requests)).toEqual({ chosen: { "mesh/hub": 2, web: 1 }, findings: {}, down: [1] });
  expect(asked).toEqual([1, 1, 1, 2]);
});
