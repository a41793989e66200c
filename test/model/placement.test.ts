import { type Candidate, choosePlacement, type PlacementRequest, unfitness } from "../../lib/model/placement";

const GIB = 1024 ** 3;

function request(change: Partial<PlacementRequest> = {}): PlacementRequest {
  return { cru: 1, mru: GIB, sru: GIB, hru: 0, freeIpv4: 0, gateway: false, features: [], exclude: [], ...change };
}

function node(nodeId: number, change: Partial<Candidate> = {}): Candidate {
  return {
    nodeId,
    twinId: nodeId + 100,
    farmId: 1,
    farmName: "farm",
    country: "Belgium",
    city: "Ghent",
    region: "Europe",
    isCertified: false,
    publicIpv4: "",
    publicIpv6: "",
    domain: "",
    features: ["zmachine"],
    isUp: true,
    totalCru: 8,
    free: { mru: 16 * GIB, sru: 100 * GIB, hru: 0 },
    farmFreeIps: 1,
    isAvailable: true,
    ...change,
  };
}

const chosenIds = (requests: Record<string, PlacementRequest>, nodes: Candidate[]) => {
  const { chosen } = choosePlacement(new Map(Object.entries(requests)), nodes);
  return Object.fromEntries([...chosen].map(([key, { nodeId }]) => [key, nodeId]));
};

describe("choosing nodes", () => {
  test("takes the node with the most free memory, and the lowest number among equals", () => {
    const nodes = [node(3), node(2), node(1, { free: { mru: 8 * GIB, sru: 100 * GIB, hru: 0 } })];
    expect(chosenIds({ a: request() }, nodes)).toEqual({ a: 2 });
  });

  test("gives the same answer whatever order the directory lists nodes in", () => {
    const nodes = [node(1), node(2), node(3)];
    const requests = { a: request(), b: request(), c: request() };
    expect(chosenIds(requests, [...nodes].reverse())).toEqual(chosenIds(requests, nodes));
  });

  test("never gives two requests the same room", () => {
    const nodes = [node(1, { free: { mru: 3 * GIB, sru: 100 * GIB, hru: 0 } })];
    const { chosen, findings } = choosePlacement(
      new Map([
        ["a", request({ mru: 2 * GIB })],
        ["b", request({ mru: 2 * GIB })],
      ]),
      nodes,
    );
    expect([...chosen.keys()]).toEqual(["a"]);
    expect(findings.get("b")).toBe("of 1 nodes none fits: 1 has too little free memory");
  });

  test("serves the request with the fewest possible nodes first", () => {
    const nodes = [node(1, { isCertified: true }), node(2)];
    expect(chosenIds({ a: request({ spread: "s" }), b: request({ certified: true, spread: "s" }) }, nodes)).toEqual({
      a: 2,
      b: 1,
    });
  });

  test("keeps requests of one spread on different nodes", () => {
    const { chosen, findings } = choosePlacement(
      new Map([
        ["a", request({ spread: "s" })],
        ["b", request({ spread: "s" })],
      ]),
      [node(1)],
    );
    expect(chosen.size).toBe(1);
    expect(findings.get("b")).toContain("taken by another request of the same spread");
  });

  test("shares a farm's free public IPv4 among its nodes", () => {
    const nodes = [node(1), node(2)];
    const { chosen } = choosePlacement(
      new Map([
        ["a", request({ freeIpv4: 1 })],
        ["b", request({ freeIpv4: 1 })],
      ]),
      nodes,
    );
    expect(chosen.size).toBe(1);
  });

  test.each<[string, Partial<PlacementRequest>, Partial<Candidate>, string]>([
    ["country", { country: "egypt" }, {}, "is in Belgium, not in egypt"],
    ["certification", { certified: true }, {}, "is not certified"],
    ["public access", { publicAccess: true }, {}, "has no public IPv4 of its own"],
    ["being hidden", { publicAccess: false }, { publicIpv4: "1.2.3.4/24" }, "is not hidden"],
    ["gateway", { gateway: true }, { publicIpv4: "1.2.3.4/24" }, "is no gateway"],
    ["features", { features: ["zmachine", "wireguard"] }, {}, "lacks wireguard"],
    ["exclusion", { exclude: [1] }, {}, "is excluded"],
    ["farm", { farmId: 9 }, {}, "is in farm 1"],
  ])("says what a node lacks: %s", (_, wanted, is, reason) => {
    expect(unfitness(request(wanted), node(1, is))).toBe(reason);
  });

  test.each<[string, Partial<PlacementRequest>, Candidate[], string]>([
    ["is unknown", { nodeId: 9 }, [], "there is no node 9"],
    ["is down", { nodeId: 1 }, [node(1, { isUp: false })], "node 1 is not up"],
    [
      "is rented by others",
      { nodeId: 1 },
      [node(1, { isAvailable: false })],
      "node 1 is rented or dedicated to others",
    ],
  ])("explains when the one node asked for %s", (_, wanted, nodes, reason) => {
    const { findings } = choosePlacement(new Map([["a", request(wanted)]]), [...nodes, node(5)]);
    expect(findings.get("a")).toBe(reason);
  });
});
