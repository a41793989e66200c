import { type ObjectValue, UNKNOWN } from "../../../../lib/provider/schema/value";
import { conform, withoutWriteOnly } from "../../../../lib/provider/server/values/conform";
import { brokenPromises } from "../../../../lib/provider/server/values/consistency";
import { shapeOf } from "../../../../lib/provider/server/values/shape";
import { wirePath } from "../../../../lib/provider/server/values/wire-path";
import { thingSchema } from "../../../support/lab-provider";

const shape = shapeOf(thingSchema);
const nothing: ObjectValue = Object.fromEntries(Object.keys(thingSchema.attributes).map((name) => [name, null]));

function conformed(value: ObjectValue, unknown: "keep" | "null" | "report") {
  const problems: string[] = [];
  const result = conform(shape, value, {
    unknown,
    report: (path, problem) => problems.push(`${path.join(".")} ${problem}`),
  });
  return { result, problems };
}

describe("conforming a value to its schema", () => {
  it("leaves a fitting value as it is, with unknowns where a plan may have them", () => {
    const value: ObjectValue = { ...nothing, name: "x", id: UNKNOWN, disks: [{ size: 1, device: UNKNOWN }] };
    expect(conformed(value, "keep")).toEqual({ result: value, problems: [] });
  });

  it("names what is missing and what is not in the schema, and still gives an answer", () => {
    const { id: _id, ...withoutId } = nothing;
    const { result, problems } = conformed({ ...withoutId, extra: 1, config: { level: 1 } }, "report");
    expect(problems).toEqual(["extra is not in the schema", "id is missing", "config.stamp is missing"]);
    expect(result).toEqual({ ...nothing, config: { level: 1, stamp: null, token_wo: null } });
  });

  it("names values of another type, at any depth", () => {
    const value: ObjectValue = {
      ...nothing,
      name: 5,
      scores: [1, "two"],
      disks: [{ size: true, device: null }],
      labels: [],
      ratio: Number.NaN,
    };
    expect(conformed(value, "report").problems).toEqual([
      "name is not a string",
      "ratio is not a number",
      "labels is not a map",
      "scores.1 is not a number",
      "disks.0.size is not a number",
    ]);
  });

  it("reports unknowns in a result, or takes them for null when the result is partial", () => {
    const value: ObjectValue = { ...nothing, id: UNKNOWN, disks: [{ size: 1, device: UNKNOWN }] };
    expect(conformed(value, "report").problems).toEqual(["id is still unknown", "disks.0.device is still unknown"]);
    const partial = conformed(value, "null");
    expect(partial.problems).toEqual([]);
    expect(partial.result).toMatchObject({ id: null, disks: [{ size: 1, device: null }] });
  });

  it("takes write-only values out, also of nested objects", () => {
    const value: ObjectValue = { ...nothing, secret_wo: "s", config: { level: 1, stamp: null, token_wo: "t" } };
    expect(withoutWriteOnly(shape, value)).toEqual({ ...nothing, config: { level: 1, stamp: null, token_wo: null } });
  });

  it("normalises text the way Terraform does", () => {
    expect(conformed({ ...nothing, name: "u\u0308" }, "keep").result.name).toBe("\u00fc");
  });
});

describe("comparing a result with its plan", () => {
  const broken = (planned: ObjectValue, actual: ObjectValue) =>
    brokenPromises(shape, { ...nothing, ...planned }, { ...nothing, ...actual }).map((path) => path.join("."));

  it.each<[string, ObjectValue, ObjectValue]>([
    [
      "unknowns become anything",
      { id: UNKNOWN, disks: [{ size: 1, device: UNKNOWN }] },
      { id: "x", disks: [{ size: 1, device: "d" }] },
    ],
    ["sets have no order", { colours: ["a", "b"] }, { colours: ["b", "a"] }],
    [
      "sets of objects have no order",
      {
        ports: [
          { port: 1, protocol: null },
          { port: 2, protocol: "a" },
        ],
      },
      {
        ports: [
          { protocol: "a", port: 2 },
          { port: 1, protocol: null },
        ],
      },
    ],
    ["sets with unknown elements are left to Terraform", { colours: [UNKNOWN, "b"] }, { colours: ["b"] }],
    ["large numbers are compared exactly", { ratio: 2n ** 90n }, { ratio: 2n ** 90n }],
  ])("accepts that %s", (_what, planned, actual) => {
    expect(broken(planned, actual)).toEqual([]);
  });

  it.each<[string, ObjectValue, ObjectValue]>([
    ["name", { name: "a" }, { name: "b" }],
    ["name", { name: null }, { name: "b" }],
    ["ratio", { ratio: 2n ** 90n }, { ratio: 2n ** 90n + 1n }],
    ["labels", { labels: {} }, { labels: { a: "1" } }],
    ["labels", { labels: {} }, { labels: null }],
    ["labels.a", { labels: { a: "1" } }, { labels: { a: "2" } }],
    ["scores", { scores: [1, 2] }, { scores: [1] }],
    ["scores.1", { scores: [1, 2] }, { scores: [1, 3] }],
    ["disks.0.size", { disks: [{ size: 1, device: UNKNOWN }] }, { disks: [{ size: 2, device: "d" }] }],
    ["colours", { colours: ["a"] }, { colours: ["a", "b"] }],
    ["ports", { ports: [{ port: 1, protocol: null }] }, { ports: [{ port: 1, protocol: "tcp" }] }],
    ["config", { config: { level: 1, stamp: UNKNOWN, token_wo: null } }, { config: null }],
  ])("names %s when it differs", (path, planned, actual) => {
    expect(broken(planned, actual)).toEqual([path]);
  });
});

describe("attribute paths on the wire", () => {
  it("tell names, keys and indexes apart by the schema", () => {
    expect(wirePath(shape, ["mounts", "data", "path"]).steps).toEqual([
      { attribute_name: "mounts" },
      { element_key_string: "data" },
      { attribute_name: "path" },
    ]);
    expect(wirePath(shape, ["disks", 0, "size"]).steps).toEqual([
      { attribute_name: "disks" },
      { element_key_int: 0 },
      { attribute_name: "size" },
    ]);
  });

  it("stop at a set, whose members have no address, and where the schema ends", () => {
    expect(wirePath(shape, ["ports", 0, "port"]).steps).toEqual([{ attribute_name: "ports" }]);
    expect(wirePath(shape, ["nonsense", "x"]).steps).toEqual([]);
  });
});
