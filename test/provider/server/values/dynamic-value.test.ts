import { Encoder, ExtData } from "@msgpack/msgpack";
import fc from "fast-check";
import type { BlockSchema } from "../../../../lib/provider/schema/schema";
import { UNKNOWN, type Value } from "../../../../lib/provider/schema/value";
import { readDynamicValue, writeDynamicValue } from "../../../../lib/provider/server/values/dynamic-value";
import { ValueMisfit } from "../../../../lib/provider/server/values/read-value";
import { type Shape, shapeOf } from "../../../../lib/provider/server/values/shape";
import { thingSchema } from "../../../support/lab-provider";

const schema: BlockSchema = {
  version: 0,
  description: "",
  attributes: {
    text: { type: "string", optional: true, description: "" },
    size: { type: "number", optional: true, description: "" },
    is_on: { type: "bool", optional: true, description: "" },
    tags: { type: { map: "string" }, optional: true, description: "" },
    items: { type: { list: "number" }, optional: true, description: "" },
  },
};
const nothing = { text: null, size: null, is_on: null, tags: null, items: null };
const shape = shapeOf(schema);

/** What Terraform would send. */
const wire = (loose: unknown) => ({
  msgpack: new Encoder({ useBigInt64: true }).encode(loose),
  json: new Uint8Array(),
});
const read = (loose: unknown) => readDynamicValue(shape, wire(loose));
const roundTrip = (value: Parameters<typeof writeDynamicValue>[0], of = shape) =>
  readDynamicValue(of, { ...writeDynamicValue(value), json: new Uint8Array() });

/** Any value of a shape: known, null and unknown, at every depth. */
function anyOf(of: Shape): fc.Arbitrary<Value> {
  const known = anyKnown(of);
  return fc.oneof({ weight: 6, arbitrary: known }, fc.constant(null), fc.constant(UNKNOWN as Value));
}

function anyKnown(of: Shape): fc.Arbitrary<Value> {
  switch (of.kind) {
    case "string":
      return fc.string({ unit: "grapheme" });
    case "bool":
      return fc.boolean();
    case "number":
      return anyNumber();
    case "map":
      return fc.dictionary(anyKey(), anyOf(of.element), { maxKeys: 3 });
    case "object":
      return fc.record(Object.fromEntries([...of.members].map(([name, { shape: of }]) => [name, anyOf(of)])));
    default:
      return fc.array(anyOf(of.element), { maxLength: 3 });
  }
}

/** The msgpack library refuses the one key that could reach an object's prototype. */
function anyKey(): fc.Arbitrary<string> {
  return fc.string().filter((key) => key !== "__proto__");
}

function anyNumber(): fc.Arbitrary<number | bigint> {
  const unsafe = fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n });
  return fc.oneof(
    fc.maxSafeInteger().map((value) => value + 0),
    fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }),
    unsafe.filter((value) => value > 2n ** 53n || value < -(2n ** 53n)),
  );
}

describe("dynamic values", () => {
  it("come back as they were written, whatever is null, unknown, empty, large or nested", () => {
    const thing = shapeOf(thingSchema);
    fc.assert(
      fc.property(anyKnown(thing), (value) => {
        expect(roundTrip(value as Parameters<typeof writeDynamicValue>[0], thing)).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it("tell an absent object from one whose members are null", () => {
    expect(roundTrip(null)).toBeNull();
    expect(roundTrip(nothing)).toEqual(nothing);
    expect(readDynamicValue(shape, undefined)).toBeNull();
    expect(read(null)).toBeNull();
  });

  it.each([
    ["an unknown", new ExtData(0, Uint8Array.of(0))],
    ["an unknown with hints", new ExtData(12, Uint8Array.of(0x81, 0x01, 0xc2))],
    ["an extension nobody knows", new ExtData(77, Uint8Array.of(1, 2, 3))],
    ["the timestamp extension of msgpack itself", new ExtData(-1, Uint8Array.of(0, 0, 0, 1))],
  ])("read %s as unknown, at any depth", (_what, unknown) => {
    expect(read({ text: unknown, tags: { a: unknown }, items: [unknown, 1] })).toEqual({
      ...nothing,
      text: UNKNOWN,
      tags: { a: UNKNOWN },
      items: [UNKNOWN, 1],
    });
  });

  it.each([
    ["123456789012345678901234567890", 123456789012345678901234567890n],
    ["-9007199254740993", -9007199254740993n],
    ["0.1", 0.1],
    ["42", 42],
    [9007199254740993n, 9007199254740993n],
    [7n, 7],
    [1.5, 1.5],
  ])("read the number %s exactly", (sent, expected) => {
    expect(read({ size: sent })?.size).toBe(expected);
  });

  it.each([
    [0.1, "0.1"],
    [2 ** 53, "9007199254740992"],
    [1e21, "1000000000000000000000"],
    [18446744073709551615n, "18446744073709551615"],
  ])("write the number %s as digits, since a double would not be what the user wrote", (value, digits) => {
    const expected = new Encoder().encode({ ...nothing, size: digits });
    expect(Buffer.from(writeDynamicValue({ ...nothing, size: value }).msgpack)).toEqual(Buffer.from(expected));
  });

  it("are read from JSON when there is no msgpack, numbers exact", () => {
    const json = Buffer.from('{"size":123456789012345678901,"items":[1,2.5],"tags":{"a":null}}');
    expect(readDynamicValue(shape, { msgpack: new Uint8Array(), json })).toEqual({
      ...nothing,
      size: 123456789012345678901n,
      items: [1, 2.5],
      tags: { a: null },
    });
  });

  it.each([
    ["text", { text: 5 }],
    ["size", { size: "many" }],
    ["size", { size: "" }],
    ["is_on", { is_on: "true" }],
    ["tags.a", { tags: { a: 1 } }],
    ["items.1", { items: [1, {}] }],
    ["tags", { tags: [] }],
    ["items", { items: {} }],
  ])("that do not fit their schema are refused at %s", (path, loose) => {
    expect(() => read(loose)).toThrow(ValueMisfit);
    expect(() => read(loose)).toThrow(path);
  });

  it("that are no msgpack are refused without quoting them", () => {
    const bytes = { msgpack: Buffer.concat([Buffer.from([0xdf]), Buffer.from("hunter2")]), json: new Uint8Array() };
    expect(() => readDynamicValue(shape, bytes)).toThrow("not valid msgpack");
    expect(() => readDynamicValue(shape, bytes)).not.toThrow("hunter2");
  });
});
