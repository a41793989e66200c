import {
  type Candidate,
  choosePlacement,
  findStanding,
  isDown,
  type PlacementRequest,
  unfitness,
} from "../../lib/model/placement";

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
    isSilent: false,
    isHealthy: true,
    total: { cru: 8, mru: 32 * GIB, sru: 200 * GIB, hru: 0 },
    free: { mru: 16 * GIB, sru: 100 * GIB, hru: 0 },
    farmFreeIps: 1,
    rent: "free for all",
    isRentable: true,
    ...change,
  };
}

const free = (memoryGib: number) => ({ free: { mru: memoryGib * GIB, sru: 100 * GIB, hru: 0 } });

const choose = (requests: Record<string, PlacementRequest>, nodes: Candidate[], standing?: Record<string, number>) =>
  choosePlacement(
    new Map(Object.entries(requests)),
    nodes,
    new Map(Object.entries(standing ?? {}).map(([key, nodeId], index) => [key, [contract(index, nodeId, "zdb/x")]])),
  );

function contract(contractId: number, nodeId: number, role: string, lineage = "shop.0123456789abcdef") {
  return { contractId, nodeId, stamp: { lineage, role, token: "t" } };
}

const chosenIds = (...input: Parameters<typeof choose>) => {
  const { chosen } = choose(...input);
  return Object.fromEntries([...chosen].map(([key, { nodeId }]) => [key, nodeId]));
};

describe("choosing nodes", () => {
  test("takes the node with the most free memory, and the lowest number among equals", () => {
    const nodes = [node(3), node(2), node(1, free(8))];
    expect(chosenIds({ a: request() }, nodes)).toEqual({ a: 2 });
  });

  test("gives the same answer whatever order the directory lists nodes in", () => {
    const nodes = [node(1), node(2), node(3)];
    const requests = { a: request(), b: request(), c: request() };
    expect(chosenIds(requests, [...nodes].reverse())).toEqual(chosenIds(requests, nodes));
  });

  test("never gives two requests the same room", () => {
    const nodes = [node(1, free(3))];
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
    ["one of two features", { features: ["zmachine|zmachine-light", "a|b"] }, {}, "lacks a or b"],
    ["exclusion", { exclude: [1] }, {}, "is excluded"],
    ["farm", { farmId: 9 }, {}, "is not in farm 9"],
    ["cores", { cru: 9 }, {}, "has fewer than 9 cores"],
    ["memory, of which it keeps some", { mru: 29 * GIB }, {}, "has less than 29 GiB of memory for machines"],
    ["SSD", { sru: 201 * GIB }, {}, "has less than 201 GiB of SSD in all"],
    ["HDD", { hru: GIB }, {}, "has less than 1 GiB of HDD in all"],
    ["public IPv4", { freeIpv4: 1 }, { farmHasIpv4: false }, "is in a farm without any public IPv4"],
  ])("says what a node lacks: %s", (_, wanted, is, reason) => {
    expect(unfitness(request(wanted), node(1, is))).toBe(reason);
  });

  test("holds nothing against a node that is not known of it", () => {
    const { total: _total, ...facts } = node(1);
    expect(unfitness(request({ cru: 99, mru: 999 * GIB, freeIpv4: 1 }), facts)).toBeUndefined();
  });

  test("takes no node for one of a region that nobody said it is in", () => {
    expect(choose({ a: request({ region: "Asia" }) }, [node(1, { region: "" })]).chosen.size).toBe(0);
  });

  test.each<[string, Partial<PlacementRequest>, Candidate[], string]>([
    ["is unknown", { nodeId: 9 }, [], "there is no node 9"],
    ["is down", { nodeId: 1 }, [node(1, { isUp: false })], "node 1 is not up"],
    ["is rented by others", { nodeId: 1 }, [node(1, { rent: "others" })], "node 1 is rented by another account"],
    ["must be rented", { nodeId: 1 }, [node(1, { rent: "needed" })], "node 1 must be rented as a whole first"],
    [
      "is wrong in many ways",
      { nodeId: 1, certified: true, cru: 9 },
      [node(1, { isUp: false })],
      "node 1 is not certified and has fewer than 9 cores and is not up",
    ],
  ])("explains when the one node asked for %s", (_, wanted, nodes, reason) => {
    expect(choose({ a: request(wanted) }, [...nodes, node(5)]).findings.get("a")).toBe(reason);
    expect(choose({ a: request(wanted) }, [...nodes, node(5)]).chosen.size).toBe(0);
  });

  test("takes the one node asked for although it looks full, and says so", () => {
    const { chosen, findings } = choose({ a: request({ nodeId: 1, mru: 20 * GIB }) }, [node(1), node(5, free(25))]);
    expect(chosen.get("a")?.nodeId).toBe(1);
    expect(findings.get("a")).toBe("node 1 has too little free memory, as far as the directory knows");
  });
});

describe("what stands already", () => {
  test("stays where it is, however full the node or empty another", () => {
    const nodes = [node(1, free(0)), node(2)];
    expect(chosenIds({ a: request() }, nodes, { a: 1 })).toEqual({ a: 1 });
  });

  test("takes no room a second time", () => {
    const requests = { a: request({ mru: 6 * GIB }), b: request({ mru: 6 * GIB }) };
    expect(chosenIds(requests, [node(1, free(7))], { a: 1 })).toEqual({ a: 1, b: 1 });
  });

  test("is kept away from by what is added to its spread", () => {
    const requests = { a: request({ spread: "s" }), b: request({ spread: "s" }) };
    expect(chosenIds(requests, [node(1, free(99)), node(2)], { b: 1 })).toEqual({ a: 2, b: 1 });
  });

  test("moves when its node can never hold what is asked now", () => {
    const big = node(2, { total: { cru: 64, mru: 512 * GIB, sru: 200 * GIB, hru: 0 }, ...free(400) });
    expect(chosenIds({ a: request({ mru: 250 * GIB }) }, [node(1), big], { a: 1 })).toEqual({ a: 2 });
  });

  const requests = (keys: Record<string, Partial<PlacementRequest>>) =>
    new Map(Object.entries(keys).map(([key, change]) => [key, request(change)]));
  const nodesOf = (...input: Parameters<typeof findStanding>) =>
    Object.fromEntries([...findStanding(...input)].map(([key, found]) => [key, found.map(({ nodeId }) => nodeId)]));
  const MEMBER = { cru: 0, mru: 0, sru: 0 };

  test("is found by project and identity, whatever kind it is of", () => {
    const contracts = [
      contract(1, 1, "zdb/db"),
      contract(2, 2, "virtual_machine/a/b"),
      contract(3, 3, "virtual_machine/web", "shopping.0123456789abcdef"),
    ];
    const wanted = requests({ db: {}, "a/b": {}, web: {} });
    expect(nodesOf(contracts, wanted, "shop")).toEqual({ db: [1], "a/b": [2] });
    expect(nodesOf(contracts, wanted, "shopping.0123456789abcdef")).toEqual({ web: [3] });
  });

  test("is found without a project where only one has it", () => {
    const contracts = [contract(1, 1, "zdb/db"), contract(2, 2, "zdb/log"), contract(3, 3, "zdb/log", "other.1")];
    expect(nodesOf(contracts, requests({ db: {}, log: {} }), undefined)).toEqual({ db: [1] });
  });

  test("is found for the member of a mesh on the node that nothing else is on", () => {
    const contracts = [contract(1, 1, "network/mesh"), contract(2, 4, "network/mesh"), contract(3, 1, "zdb/web")];
    const wanted = requests({ web: {}, "mesh/access-node": MEMBER });
    expect(nodesOf(contracts, wanted, "shop")).toEqual({ web: [1], "mesh/access-node": [4] });
  });

  test("is not guessed when a mesh has more members than nodes of their own", () => {
    const wanted = requests({ "mesh/new": MEMBER, "mesh/access-node": MEMBER, "mesh/web": {} });
    expect(nodesOf([contract(1, 4, "network/mesh")], wanted, "shop")).toEqual({});
  });

  test("stands for one request each", () => {
    const two = [contract(1, 4, "network/mesh"), contract(2, 5, "network/mesh")];
    const wanted = requests({ "mesh/a": MEMBER, "mesh/b": MEMBER });
    const { chosen } = choosePlacement(wanted, [node(4), node(5), node(6)], findStanding(two, wanted, "shop"));
    expect([...chosen.values()].map(({ nodeId }) => nodeId)).toEqual([4, 5]);
  });
});

describe("a node that is down", () => {
  const DEAD = { isUp: false, isSilent: true };

  test.each([
    ["neither listed as up nor heard", false, true, true],
    ["listed as up and not heard: it may be booting", true, true, false],
    ["not listed as up and heard: the directory runs behind", false, false, false],
    ["listed as up and heard", true, false, false],
  ])("is one that is %s", (_, isUp, isSilent, is) => {
    expect(isDown({ isUp, isSilent })).toBe(is);
  });

  test("is left by what may move, and by nothing else", () => {
    const requests = { a: request({ onNodeDown: "replace" }), b: request({ onNodeDown: "keep" }), c: request() };
    const standing = { a: 1, b: 1, c: 1 };
    expect(chosenIds(requests, [node(1, DEAD), node(2)], standing)).toEqual({ a: 2, b: 1, c: 1 });
    expect(chosenIds(requests, [node(1, { isUp: false }), node(2)], standing)).toEqual(standing);
  });

  test("is left for none that another of its spread is on", () => {
    const apart = request({ spread: "s", onNodeDown: "replace" });
    const { chosen, findings } = choose({ a: apart, b: apart }, [node(1, DEAD), node(2)], { a: 1, b: 2 });
    expect([...chosen].map(([key, { nodeId }]) => [key, nodeId])).toEqual([["b", 2]]);
    expect(findings.get("a")).toBe(
      "of 2 nodes none fits: 1 is taken by another request of the same spread; 1 is not up and does not answer",
    );
  });

  test("keeps what names it", () => {
    const named = request({ nodeId: 1, onNodeDown: "replace" });
    expect(chosenIds({ a: named }, [node(1, DEAD), node(2)], { a: 1 })).toEqual({ a: 1 });
  });

  test("is not gone to, nor is one that was not heard just now", () => {
    expect(chosenIds({ a: request() }, [node(1, { isSilent: true }), node(2, free(8))])).toEqual({ a: 2 });
  });
});

describe("saying why no node suits", () => {
  const why = (wanted: Partial<PlacementRequest>, nodes: Candidate[]) =>
    choose({ a: request(wanted) }, nodes).findings.get("a");
  const egypt = { country: "Egypt", city: "Cairo" };

  test("begins with the nodes of the place asked for, and tells all that is against them", () => {
    const small = { ...egypt, total: { cru: 8, mru: 32 * GIB, sru: 200 * GIB, hru: 0 }, ...free(1) };
    const nodes = [node(1), node(2), node(3), node(4, small), node(5, small), node(6, { ...egypt, isUp: false })];
    expect(why({ country: "egypt", mru: 2 * GIB, certified: true }, nodes)).toBe(
      "of 6 nodes none fits: 2 in Egypt are not certified and have too little free memory; " +
        "1 in Egypt is not certified and is not up; 3 are in Belgium, not in egypt and are not certified",
    );
    expect(why({ country: "Egypt", mru: 2 * GIB }, nodes.slice(3, 5))).toBe(
      "of 2 nodes none fits: 2 in Egypt have too little free memory",
    );
  });

  test("begins with the nodes that have the least against them", () => {
    const nodes = [node(1, { isUp: false }), node(2, { isUp: false }), node(3, { isCertified: true, isUp: false })];
    expect(why({ certified: true }, nodes)).toBe(
      "of 3 nodes none fits: 1 is not up; 2 are not certified and are not up",
    );
  });

  test("counts what it does not tell", () => {
    const nodes = ["A", "B", "C", "D"].map((country, index) => node(index + 1, { country }));
    expect(why({ country: "D", certified: true }, nodes)).toMatch(
      /^of 4 nodes none fits: 1 in D is not certified; .*; 1 more suits no better$/,
    );
  });

  test.each<[string, Partial<PlacementRequest>, string]>([
    [
      "a misspelt country",
      { country: "Belguim" },
      'no node that is up is in country "Belguim"; perhaps Belgium is meant',
    ],
    ["a misspelt city", { city: "Gent" }, 'no node that is up is in city "Gent"; perhaps Ghent is meant'],
    ["a misspelt region", { region: "Oceana" }, 'no node that is up is in region "Oceana"; perhaps Oceania is meant'],
    ["no country at all", { country: "" }, 'no node that is up is in country ""; there are some in Belgium, Egypt'],
    ["a farm without nodes", { farmId: 77 }, "no node that is up is in farm 77"],
  ])("names the places there are for %s", (_, wanted, said) => {
    expect(why(wanted, [node(1), node(2, egypt)])).toBe(said);
  });

  test("tells of farms whose nodes must be rented", () => {
    expect(why({ farmId: 3 }, [node(1), node(2, { farmId: 3, rent: "needed" })])).toMatch(
      /^of 2 nodes none fits: 1 in farm 3 must be rented as a whole first;/,
    );
  });

  test("says so when there is nothing at all", () => {
    expect(why({}, [])).toBe("the directory lists no node that is up");
  });
});

describe("choosing nodes to be rented", () => {
  const rent = (change: Partial<PlacementRequest> = {}) =>
    request({ cru: 0, mru: 0, sru: 0, rentable: true, ...change });
  const big = node(1, { total: { cru: 8, mru: 128 * GIB, sru: 200 * GIB, hru: 0 }, ...free(64) });

  test("takes the smallest that fits, because all of it is paid for", () => {
    expect(chosenIds({ a: rent() }, [big, node(2), node(3)])).toEqual({ a: 2 });
    expect(chosenIds({ a: rent({ mru: 32 * GIB }) }, [big, node(2), node(3)])).toEqual({ a: 1 });
  });

  test("takes nodes that are closed to everything but a rent", () => {
    expect(chosenIds({ a: rent() }, [node(1, { rent: "needed" })])).toEqual({ a: 1 });
  });

  test("leaves a rented node to what asks for it, whatever is chosen first", () => {
    expect(chosenIds({ a: rent(), b: request(), c: rent() }, [node(1), node(2), node(3)])).toEqual({
      a: 1,
      b: 2,
      c: 3,
    });
    const { findings } = choosePlacement(
      new Map([
        ["a", request()],
        ["b", rent()],
      ]),
      [node(1)],
    );
    expect([...findings]).toEqual([["b", "of 1 nodes none fits: 1 is taken by another request"]]);
  });

  test("refuses a node that cannot be rented", () => {
    const rented = node(1, { isRentable: false, rent: "ours" });
    const { findings } = choosePlacement(new Map([["a", rent()]]), [rented]);
    expect(findings.get("a")).toBe("of 1 nodes none fits: 1 cannot be rented");
  });

  test("finds a node again that is named and rented by the account already", () => {
    const rented = node(1, { isRentable: false, rent: "ours" });
    expect(chosenIds({ a: rent({ nodeId: 1 }) }, [rented])).toEqual({ a: 1 });
    expect(chosenIds({ a: rent({ nodeId: 1 }) }, [{ ...rented, rent: "others" }])).toEqual({});
  });
});
