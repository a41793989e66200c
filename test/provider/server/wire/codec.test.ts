import fc from "fast-check";
import protobuf from "protobufjs";
import { ProtobufError } from "../../../../lib/core/protobuf";
import { decode, encode } from "../../../../lib/provider/server/wire/codec";
import { type MessageName, messages } from "../../../../lib/provider/server/wire/messages";

/** The message table, read by an independent implementation of protobuf. */
const reference = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(messages).map(([name, fields]) => [flat(name), { fields: fieldsOf(fields) }]),
  ),
});

function flat(name: string): string {
  return name.replaceAll(".", "_");
}

function fieldsOf(fields: Record<string, string>): Record<string, protobuf.IField> {
  return Object.fromEntries(Object.entries(fields).map(([name, spec]) => [name, fieldOf(spec)]));
}

function fieldOf(spec: string): protobuf.IField {
  const [number = "", ...words] = spec.split(" ");
  const type = flat((words.at(-1) ?? "").replace(/[*?]$/, "").replace(/^int$/, "int64"));
  const field: protobuf.IField & { keyType?: string } = { id: Number(number), type };
  if (words[0] === "map") field.keyType = "string";
  if (spec.endsWith("*")) field.rule = "repeated";
  if (spec.endsWith("?")) field.options = { proto3_optional: true };
  return field;
}

const names = Object.keys(messages) as MessageName[];

/** Any message of the table, as protobufjs takes it. Presence of optional and message fields varies. */
function anyMessage(name: MessageName, depth = 3): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries(messages[name] as Record<string, string>).map(([field, spec]) => {
    const [, words = ""] = /^\d+ (.*)$/.exec(spec) ?? [];
    const kind = words.replace("map ", "").replace(/[*?]$/, "");
    const one = anyValue(kind, depth);
    if (words.startsWith("map ")) return [field, fc.dictionary(fc.string(), one, { maxKeys: 3 })] as const;
    if (words.endsWith("*")) return [field, depth > 0 ? fc.array(one, { maxLength: 3 }) : fc.constant([])] as const;
    const isMessage = kind in messages;
    return [field, words.endsWith("?") || isMessage ? fc.option(one, { nil: undefined }) : one] as const;
  });
  return fc.record(Object.fromEntries(fields));
}

function anyValue(kind: string, depth: number): fc.Arbitrary<unknown> {
  const scalars: Record<string, fc.Arbitrary<unknown>> = {
    string: fc.string({ unit: "grapheme" }),
    bytes: fc.uint8Array({ maxLength: 300 }),
    bool: fc.boolean(),
    int: fc.maxSafeInteger(),
  };
  return scalars[kind] ?? (depth > 0 ? anyMessage(kind as MessageName, depth - 1) : fc.constant({}));
}

/** Messages compared as plain data: Buffer or Uint8Array, Long or number, absent or undefined are the same. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]));
}

describe("the protobuf codec", () => {
  it.each(names)("writes %s as protobufjs reads it", (name) => {
    const type = reference.lookupType(flat(name));
    fc.assert(
      fc.property(anyMessage(name), (message) => {
        const read = type.toObject(type.decode(encode(name, message)), { longs: Number, defaults: true });
        const expected = type.toObject(type.fromObject(message), { longs: Number, defaults: true });
        expect(plain(read)).toEqual(plain(expected));
      }),
      { numRuns: 60 },
    );
  });

  it.each(names)("reads %s as protobufjs writes it", (name) => {
    const type = reference.lookupType(flat(name));
    fc.assert(
      fc.property(anyMessage(name), (message) => {
        const bytes = type.encode(type.fromObject(message)).finish();
        expect(plain(decode(name, bytes))).toEqual(plain(decode(name, encode(name, message))));
      }),
      { numRuns: 60 },
    );
  });

  it("gives back what was written", () => {
    fc.assert(
      fc.property(anyMessage("PlanResourceChange.Response"), (message) => {
        const read = decode("PlanResourceChange.Response", encode("PlanResourceChange.Response", message));
        expect(plain(encode("PlanResourceChange.Response", read as typeof message))).toEqual(
          plain(encode("PlanResourceChange.Response", message)),
        );
      }),
    );
  });

  it("writes the zero value of a field whose presence means something", () => {
    const path = { steps: [{ attribute_name: "disks" }, { element_key_int: 0 }, { attribute_name: "" }] };
    const read = decode("AttributePath", encode("AttributePath", path));
    expect(read.steps[1]).toEqual({ element_key_int: 0 });
    expect(read.steps[2]).toEqual({ attribute_name: "" });
  });

  it("reads negative numbers as signed", () => {
    expect(
      decode("UpgradeResourceState.Request", encode("UpgradeResourceState.Request", { version: -3 })).version,
    ).toBe(-3);
  });

  it("passes over fields it does not know, of every wire type", () => {
    const known = encode("TypeName", { type_name: "x" });
    const unknown = Buffer.from([0x50, 0x96, 0x01, 0x59, 1, 2, 3, 4, 5, 6, 7, 8, 0x62, 0x01, 0xff, 0x6d, 1, 2, 3, 4]);
    expect(decode("TypeName", Buffer.concat([unknown, known, unknown]))).toEqual({ type_name: "x" });
  });

  it.each([
    ["a length beyond the end", [0x0a, 0x05, 0x61]],
    ["a number without an end", [0x08, 0x80]],
    ["a number that is too long", [0x08, ...Array(11).fill(0xff), 1]],
    ["a group", [0x0b]],
    ["field number zero", [0x02, 0x00]],
    ["another wire type than the field has", [0x08, 0x01]],
  ])("refuses %s", (_what, bytes) => {
    expect(() => decode("TypeName", Uint8Array.from(bytes))).toThrow(ProtobufError);
  });

  it("refuses text that is not UTF-8", () => {
    expect(() => decode("TypeName", Uint8Array.from([0x0a, 0x01, 0xff]))).toThrow(ProtobufError);
  });

  it("ends on any bytes, with a message or an error of its own", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decode("GetProviderSchema.Response", bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
