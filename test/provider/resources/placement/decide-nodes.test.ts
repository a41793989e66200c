import { placement } from "../../../../lib/provider/resources/placement";
import { decideNodes } from "../../../../lib/provider/resources/placement/decide-nodes";
import type { ObjectValue, Value } from "../../../../lib/provider/schema/value";
import { UNKNOWN } from "../../../../lib/provider/schema/value";
import { nodeFacts as facts } from "../../../support/node-facts";
import { wholeConfig } from "../../../support/terraform-rules";

const nodeOf = (value: Value | undefined) =>
  typeof value === "object" && value !== null && "node_id" in value ? value.node_id : "unknown";

/** Decides, with nodes by their numbers. */
function decide(input: {
  readonly requests: Readonly<Record<string, unknown>>;
  readonly prior?: Readonly<Record<string, ObjectValue>>;
  readonly proposals?: Value;
  readonly down?: Value;
}) {
  const { requests } = wholeConfig(placement.schema.attributes, { requests: input.requests });
  const decision = decideNodes({
    requests: requests as ObjectValue,
    prior: input.prior ?? null,
    proposals: input.proposals ?? {},
    down: input.down ?? null,
  });
  const nodes = [...decision.nodes].map(([key, node]) => [key, nodeOf(node)]);
  return { ...decision, nodes: Object.fromEntries(nodes) };
}

describe("requests that are not wholly known", () => {
  const prior = { a: facts(1), b: facts(2) };

  test("leave the nodes of the others known", () => {
    const decision = decide({ requests: { a: { cpu: 1 }, c: { memory_mib: UNKNOWN } }, prior, proposals: UNKNOWN });
    expect(decision).toMatchObject({ nodes: { a: 1, c: "unknown" }, undecided: ["c"], unplaced: [], isAllKept: false });
  });

  test("keep their node while only amounts are unknown", () => {
    const amounts = { cpu: UNKNOWN, memory_mib: UNKNOWN, ssd_gib: UNKNOWN, hdd_gib: UNKNOWN, free_ipv4: UNKNOWN };
    const decision = decide({ requests: { a: amounts, b: { ...amounts, country: "Belgium" } }, prior });
    expect(decision).toMatchObject({ nodes: { a: 1, b: 2 }, isAllKept: true });
  });

  test("keep no node that the known part speaks against", () => {
    const requests = { a: { cpu: UNKNOWN, country: "Egypt" } };
    expect(decide({ requests, prior, proposals: { a: facts(9) } })).toMatchObject({
      nodes: { a: "unknown" },
      undecided: ["a"],
    });
  });

  test.each([
    ["a place", { country: UNKNOWN }],
    ["a spread", { spread: UNKNOWN }],
    ["one of the features", { features: ["zmachine", UNKNOWN] }],
    ["everything", UNKNOWN],
  ])("have no node yet when %s is unknown", (_, request) => {
    expect(decide({ requests: { a: request, b: {} }, prior })).toMatchObject({
      nodes: { a: "unknown", b: 2 },
      undecided: ["a"],
    });
  });
});

describe("an earlier choice", () => {
  test.each([
    ["cores", { cpu: 9 }],
    ["memory", { memory_mib: 15 * 1024 }],
    ["SSD", { ssd_gib: 501 }],
    ["HDD", { hdd_gib: 1 }],
    ["addresses of its farm", { free_ipv4: 1 }],
  ])("gives way to the proposal when its node has too few or little in all: %s", (_, request) => {
    const given = { requests: { a: request }, prior: { a: facts(1) } };
    expect(decide({ ...given, proposals: { a: facts(2) } })).toMatchObject({ nodes: { a: 2 }, isAllKept: false });
    expect(decide(given)).toMatchObject({ nodes: { a: 1 }, unplaced: ["a"], isAllKept: false });
  });

  test("stays where an earlier version did not write down what the node has", () => {
    const unknown = { total_cpu: null, total_memory_mib: null, total_ssd_gib: null, total_hdd_gib: null };
    const prior = { a: facts(1, { ...unknown, farm_has_ipv4: null }) };
    expect(decide({ requests: { a: { cpu: 99, free_ipv4: 1 } }, prior })).toMatchObject({ nodes: { a: 1 } });
  });
});

describe("requests of one spread", () => {
  const apart = { spread: "s", memory_mib: 512 };

  test("take what was proposed for those that were kept elsewhere", () => {
    const decision = decide({
      requests: { a: apart, b: apart },
      prior: { a: facts(1) },
      proposals: { a: facts(2), b: facts(1) },
    });
    expect(decision).toMatchObject({ nodes: { a: 1, b: 2 }, unplaced: [] });
  });

  test("leave each new one its own proposal first", () => {
    const decision = decide({
      requests: { a: apart, b: apart, c: apart },
      prior: { b: facts(1) },
      proposals: { a: facts(1), b: facts(3), c: facts(2) },
    });
    expect(decision).toMatchObject({ nodes: { a: 3, b: 1, c: 2 } });
  });

  test("are not placed rather than placed together", () => {
    const small = { ...apart, memory_mib: 256 };
    const decision = decide({
      requests: { a: small, b: apart },
      prior: { a: facts(1) },
      proposals: { a: facts(2), b: facts(1) },
    });
    expect(decision).toMatchObject({ nodes: { a: 1, b: "unknown" }, unplaced: ["b"] });
  });

  test("move apart when they were together before", () => {
    const decision = decide({
      requests: { a: apart, b: apart },
      prior: { a: facts(1), b: facts(1) },
      proposals: { a: facts(1), b: facts(2) },
    });
    expect(decision).toMatchObject({ nodes: { a: 1, b: 2 } });
  });
});

describe("a request whose node is down", () => {
  const movable = { on_node_down: "replace" };
  const given = { prior: { a: facts(1) }, proposals: { a: facts(2) }, down: [1] };

  test("takes the proposal when it may move", () => {
    expect(decide({ requests: { a: movable }, ...given })).toMatchObject({ nodes: { a: 2 }, isAllKept: false });
  });

  test.each<[string, ObjectValue, { readonly down?: Value }]>([
    ["says nothing", {}, {}],
    ["says to keep", { on_node_down: "keep" }, {}],
    ["names its node", { ...movable, node_id: 1 }, {}],
    ["is on another node", movable, { down: [3, UNKNOWN] }],
    ["is not known to be on one", movable, { down: UNKNOWN }],
    ["was not looked at", movable, { down: null }],
  ])("stays when it %s", (_, request, change) => {
    const decision = decide({ requests: { a: request }, ...given, ...change });
    expect(decision).toMatchObject({ nodes: { a: 1 }, isAllKept: true });
  });

  test.each<[string, Value]>([
    ["is no proposal", {}],
    ["is none yet", UNKNOWN],
    ["is only one that another of its spread has", { a: facts(2), b: facts(2) }],
  ])("stays, and changes nothing, while there %s", (_, proposals) => {
    const apart = { ...movable, spread: "s" };
    const prior = { a: facts(1), b: facts(2) };
    const decision = decide({ requests: { a: apart, b: apart }, prior, proposals, down: [1] });
    expect(decision).toMatchObject({ nodes: { a: 1, b: 2 }, isAllKept: true, unplaced: [], undecided: [] });
  });

  test("stays where it went when its first node is back", () => {
    const back = { prior: { a: facts(2) }, proposals: { a: facts(1) }, down: [] };
    expect(decide({ requests: { a: movable }, ...back })).toMatchObject({ nodes: { a: 2 }, isAllKept: true });
  });
});
