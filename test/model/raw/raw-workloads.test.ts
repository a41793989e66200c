import {
  checkRawWorkloads,
  rawCapacity,
  rawContent,
  rawReferences,
  readRawWorkloads,
  writeRawWorkloads,
} from "../../../lib/model/raw/raw-workloads";

const GIB = 1024 ** 3;

const zdb = (change: object = {}, data: object = {}) => ({
  name: "db",
  type: "zdb",
  data: { size: GIB, mode: "user", password: { $secret: "env:PW" }, public: false, ...data },
  ...change,
});
const volume = (name = "data", size = GIB) => ({ name, type: "volume", data: { size } });
const ip = (name: string, v4: boolean) => ({ name, type: "ip", data: { v4, v6: true } });

/** What is wrong with it, in one line each. */
function wrong(value: unknown): string[] {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return checkRawWorkloads(text).map(({ summary }) => summary);
}

describe("checking raw workloads", () => {
  test("finds nothing wrong with what nodes take", () => {
    expect(wrong([zdb(), volume(), ip("ip", true)])).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ["a text that is no JSON", "[{]", "workloads is no JSON (character 3)."],
    ["an object", { db: zdb() }, "workloads is no list."],
    ["an empty list", [], "workloads is an empty list."],
    ["a workload that is no object", [zdb(), 5], "workloads[1] is no object."],
    ["a missing name", [zdb({ name: undefined })], "workloads[0].name cannot be used: is missing."],
    ["a name with a dash", [zdb({ name: "my-db" })], "workloads[0].name cannot be used: unsupported character"],
    ["an unknown type", [volume(), zdb({ type: "zdbb" })], 'workloads[1].type cannot be "zdbb".'],
    ["a missing type", [zdb({ type: undefined })], "workloads[0].type is missing."],
    ["missing data", [zdb({ data: undefined })], "workloads[0].data must be an object."],
    ["data of a wrong kind", [volume("data", 1.5)], "workloads[0].data.size must be a whole number"],
    ["data that a node would refuse", [volume("data", 0)], "workloads[0] would be refused: "],
    ["a misspelt field", [zdb({}, { publik: true })], "workloads[0].data.publik is not known to the grid."],
    ["a strange key beside data", [zdb({ node: 4 })], "workloads[0].node is not known."],
    ["a name that is taken", [volume(), zdb(), volume()], "workloads[2].name is also the name of workloads[0]."],
    ["a version", [zdb({ version: 3 })], "workloads[0].version cannot be given."],
    ["even version 0", [zdb({ version: 0 })], "workloads[0].version cannot be given."],
    ["a result", [zdb({ result: {} })], "workloads[0].result cannot be given."],
    ["a password in clear", [zdb({}, { password: "hunter2" })], "workloads[0].data.password is a secret"],
    [
      "a gateway that needs a name contract",
      [{ name: "gw", type: "gateway-name-proxy", data: { name: "www", backends: ["http://10.0.0.1"] } }],
      "workloads[0].type cannot be gateway-name-proxy",
    ],
  ])("refuses %s, naming the place", (_, value, message) => {
    const [first = "", ...others] = wrong(value);
    expect(first).toContain(message);
    expect(others).toEqual([]);
  });

  test("reports every workload that is wrong at once", () => {
    expect(wrong([zdb({ type: "zdbb" }), volume("x", -1), zdb({ version: 1 })])).toHaveLength(3);
  });

  test("never repeats a value, which may be a secret", () => {
    for (const value of ['["hunter2', [zdb({}, { password: "hunter2" })], [zdb({}, { mode: ["hunter2"] })]]) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      expect(
        checkRawWorkloads(text)
          .map(({ message }) => message)
          .join(),
      ).not.toContain("hunter2");
    }
  });

  test("lets an environment hold any text, and finds secrets deep inside", () => {
    const qsfs = { encryption: { algorithm: "AES", key: "ab".repeat(32) } };
    expect(wrong([{ name: "q", type: "qsfs", data: { cache: GIB, config: qsfs } }])).toEqual([
      "workloads[0].data.config.encryption.key is a secret and would be kept in the state.",
    ]);
  });
});

describe("reading raw workloads", () => {
  test("puts secrets in place of their references, under labels that outlive a change of order", () => {
    const labels: string[] = [];
    const text = JSON.stringify([volume(), zdb({ metadata: { $secret: "file:/m" } })]);
    const [, read] = readRawWorkloads(text, (label, reference) => {
      labels.push(`${label} ${reference}`);
      return "hunter2";
    });
    expect(read).toMatchObject({ name: "db", metadata: "hunter2", data: { password: "hunter2" } });
    expect(labels).toEqual(["db.data.password env:PW", "db.metadata file:/m"]);
    expect(rawReferences(text)).toEqual([
      { place: "workloads[1].data.password", reference: "env:PW" },
      { place: "workloads[1].metadata", reference: "file:/m" },
    ]);
  });

  test("counts what they need, public addresses by their number", () => {
    const text = JSON.stringify([volume(), ip("a", true), ip("b", false), ip("c", true)]);
    expect(rawCapacity(text)).toMatchObject({ sru: GIB, ipv4u: 2 });
  });

  test("reads back what it writes", () => {
    const text = JSON.stringify([zdb(), volume()]);
    const workloads = readRawWorkloads(text, () => "");
    expect(rawContent(writeRawWorkloads(workloads))).toBe(
      rawContent(JSON.stringify([volume(), zdb({}, { password: "" })])),
    );
  });
});

describe("two texts say the same", () => {
  const text = JSON.stringify([zdb(), volume()]);

  test.each<[string, string]>([
    ["with other blanks", JSON.stringify([zdb(), volume()], null, 4)],
    ["with keys in another order", JSON.stringify([Object.fromEntries(Object.entries(zdb()).reverse()), volume()])],
    ["with workloads in another order", JSON.stringify([volume(), zdb()])],
    ["with a default written out", JSON.stringify([zdb({ metadata: "", description: "" }), volume()])],
    ["with a default left out", JSON.stringify([zdb({}, { public: undefined }), volume()])],
  ])("%s", (_, other) => {
    expect(rawContent(other)).toBe(rawContent(text));
  });

  test.each<[string, string]>([
    ["another size", JSON.stringify([zdb({}, { size: 2 * GIB }), volume()])],
    ["another reference", JSON.stringify([zdb({}, { password: { $secret: "env:OTHER" } }), volume()])],
    ["one workload less", JSON.stringify([zdb()])],
    ["a description", JSON.stringify([zdb({ description: "x" }), volume()])],
  ])("but not with %s", (_, other) => {
    expect(rawContent(other)).not.toBe(rawContent(text));
  });

  test("but nothing is the same as a text that cannot be read", () => {
    expect(rawContent("[")).toBeUndefined();
  });
});
