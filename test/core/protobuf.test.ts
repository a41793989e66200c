import fc from "fast-check";
import { ProtobufError, ProtoReader, ProtoWriter, WireType } from "../../lib/core/protobuf";

const hex = (text: string) => Buffer.from(text, "hex");

/** Walks over everything, reading nothing. */
function skipAll(bytes: Uint8Array): number[] {
  const reader = new ProtoReader(bytes);
  const numbers: number[] = [];
  for (let field = reader.field(); field; field = reader.field()) {
    numbers.push(field.number);
    reader.skip();
  }
  return numbers;
}

describe("writing protobuf", () => {
  it("gives the bytes of the encoding guide", () => {
    expect(new ProtoWriter().varint(1, 150).finish().toString("hex")).toBe("089601");
    expect(new ProtoWriter().bytes(2, "testing").finish().toString("hex")).toBe("120774657374696e67");
    expect(new ProtoWriter().varint(1, -2).finish().toString("hex")).toBe("08feffffffffffffffff01");
    expect(new ProtoWriter().varint(16, 0).finish().toString("hex")).toBe("800100");
  });
});

describe("reading protobuf", () => {
  it("gives back numbers of every size", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 0x1fffffff }), (value, number) => {
        const reader = new ProtoReader(new ProtoWriter().varint(number, value).finish());
        expect(reader.field()).toEqual({ number, wire: WireType.varint });
        expect(reader.int64()).toBe(value);
        expect(reader.field()).toBeUndefined();
      }),
    );
  });

  it("gives back text of every kind, byte order marks included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const reader = new ProtoReader(new ProtoWriter().bytes(3, `\ufeff${text}`).finish());
        reader.field();
        expect(reader.string()).toBe(`\ufeff${text}`);
      }),
    );
  });

  it("passes over fields of every wire type", () => {
    expect(skipAll(hex("089601" + "0d01020304" + "1101020304050607081a01ff"))).toEqual([1, 1, 2, 3]);
  });

  it.each([
    ["a number that never ends", "08ffffffffffffffffffff01"],
    ["a number that breaks off", "08ff"],
    ["a tag without a value", "08"],
    ["more bytes announced than there are", "1205aabb"],
    ["a length of 2^63", "1280808080808080808001"],
    ["a fixed width that breaks off", "0d0102"],
    ["field number 0", "0001"],
    ["a group, which proto3 does not have", "0b0c"],
    ["an unknown wire type", "0f"],
  ])("refuses %s", (_, bytes) => {
    expect(() => skipAll(hex(bytes))).toThrow(ProtobufError);
  });

  it("refuses a value of another type than asked for", () => {
    const read = (bytes: string, ask: (reader: ProtoReader) => unknown) => () => {
      const reader = new ProtoReader(hex(bytes));
      reader.field();
      return ask(reader);
    };
    expect(read("089601", (reader) => reader.string())).toThrow("wire type");
    expect(read("120161", (reader) => reader.uint64())).toThrow("wire type");
    expect(read("1201ff", (reader) => reader.string())).toThrow("UTF-8");
    expect(read("088002", (reader) => reader.uint(255))).toThrow("more than 255");
    expect(read("08feffffffffffffff7f", (reader) => reader.int64())).toThrow("53 bits");
    expect(read("08feffffffffffffff7f", (reader) => reader.uint64())()).toBe(0x7ffffffffffffffen);
  });

  it("ends on any bytes at all, with fields or with the one error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(skipAll(bytes).length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
