import {
  cidrBlock,
  flag,
  hexBytes,
  hexProblem,
  ipAddress,
  listOf,
  mapOf,
  optional,
  type Reader,
  struct,
  text,
  timestamp,
  unsigned,
  unsigned64,
} from "../../../lib/model/wire/reader";

interface Thing {
  readonly size: number;
  readonly name: string;
  readonly note?: string;
  readonly parts: readonly { readonly on: boolean }[];
}

const readThing = struct<Thing>({
  size: unsigned(8),
  name: text,
  note: optional(text),
  parts: listOf(struct<{ on: boolean }>({ on: flag })),
});

function failure(read: Reader<unknown>, value: unknown): string {
  try {
    return `read as ${JSON.stringify(read(value, "root"))}`;
  } catch (error) {
    return (error as { summary: string }).summary;
  }
}

describe("reading JSON as the node does", () => {
  it("ignores unknown fields and fills in zero values", () => {
    expect(readThing({ extra: 1 }, "root")).toEqual({ size: 0, name: "", parts: [] });
  });

  it.each([[null], [undefined]])("takes %s for an object of zero values", (value) => {
    expect(readThing(value, "root")).toEqual({ size: 0, name: "", parts: [] });
  });

  it("takes null for absent everywhere", () => {
    const nothing = { size: null, name: null, note: null, parts: null };
    expect(readThing(nothing, "root")).toEqual({ size: 0, name: "", parts: [] });
    expect(readThing({ parts: [null] }, "root").parts).toEqual([{ on: false }]);
  });

  it("leaves out an optional field that is absent, and keeps an empty one", () => {
    expect("note" in readThing({}, "root")).toBe(false);
    expect(readThing({ note: "" }, "root").note).toBe("");
  });

  it("matches keys whatever their case, the last one winning, nulls counting as absent", () => {
    expect(readThing({ SIZE: 1, Size: 2, NAME: "a", name: null, "\u017fize": 3 }, "root")).toMatchObject({
      size: 3,
      name: "a",
    });
  });

  it("does not take a key of the prototype for a field", () => {
    const readOdd = struct<{ constructor: string }>({ constructor: text });
    expect(readOdd({}, "root").constructor).toBe("");
    const env = mapOf(text)(JSON.parse('{"__proto__":"x","A":"y"}'), "env");
    expect(Object.entries(env)).toEqual([
      ["__proto__", "x"],
      ["A", "y"],
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it.each([
    [{ size: 256 }, "root.size must be a whole number from 0 to 255, got 256"],
    [{ size: -1 }, "root.size must be a whole number from 0 to 255, got -1"],
    [{ size: 1.5 }, "root.size must be a whole number from 0 to 255, got 1.5"],
    [{ size: "1" }, "root.size must be a whole number from 0 to 255"],
    [{ size: true }, "root.size must be a whole number from 0 to 255, got true"],
    [{ parts: {} }, "root.parts must be a list"],
    [{ parts: [{}, { on: 1 }] }, "root.parts[1].on must be true or false, got 1"],
    [{ parts: [[]] }, "root.parts[0] must be an object"],
    [[], "root must be an object"],
    ["x", "root must be an object"],
  ])("refuses %j: %s", (value, message) => expect(failure(readThing, value)).toBe(message));

  it("never quotes a text, which may be a password", () => {
    expect(failure(unsigned64, "hunter2")).not.toContain("hunter2");
    expect(failure(text, 31337)).toBe("root must be a text");
    expect(failure(hexBytes, "hunter2")).not.toContain("hunter2");
  });

  it("refuses numbers that have lost digits", () => {
    expect(unsigned64(2 ** 53 - 1, "root")).toBe(9007199254740991);
    expect(failure(unsigned64, 2 ** 53)).toMatch(/^root must be a whole number/);
  });

  it("replaces lone surrogates as UTF-8 does", () => {
    expect(text("a\ud800b😀", "root")).toBe("a\ufffdb😀");
  });

  it.each([
    ["9AF4", "9af4"],
    ["", ""],
  ])("lower-cases hexadecimal %j to %j", (given, expected) => expect(hexBytes(given, "root")).toBe(expected));

  // The words are those of Go's encoding/hex.
  it.each([
    ["0x00", "encoding/hex: invalid byte: U+0078 'x'"],
    ["abc", "encoding/hex: odd length hex string"],
    ["abg", "encoding/hex: invalid byte: U+0067 'g'"],
    ["é0", "encoding/hex: invalid byte: U+00C3 'Ã'"],
    ["00ff", undefined],
  ])("says of hexadecimal %j: %s", (given, expected) => expect(hexProblem(given)).toBe(expected));

  it("makes addresses canonical and keeps empty ones", () => {
    expect([ipAddress("2001:DB8::0", "root"), ipAddress("", "root"), ipAddress(null, "root")]).toEqual([
      "2001:db8::",
      "",
      "",
    ]);
    expect([cidrBlock("10.20.2.7/24", "root"), cidrBlock("", "root")]).toEqual(["10.20.2.7/24", ""]);
    expect(failure(ipAddress, "10.20.2")).toBe("root must be an IP address");
    expect(failure(cidrBlock, "10.20.2.0")).toBe("root must be an address block such as 10.20.2.0/24");
  });

  it.each([
    [1626394539, 1626394539],
    [-5, -5],
    [null, 0],
    ["2021-07-16T00:15:39Z", 1626394539],
    ["2021-07-16T02:15:39.999+02:00", 1626394539],
    ["2021-07-15T23:15:39-01:00", 1626394539],
    ["2024-02-29T00:00:00Z", 1709164800],
    ["0001-01-01T00:00:00Z", -62135596800],
  ])("reads the time %j as %d", (given, expected) => expect(timestamp(given, "root")).toBe(expected));

  it.each([
    ["2023-02-29T00:00:00Z"],
    ["2021-07-16"],
    ["2021-07-16t00:15:39z"],
    ["2021-07-16T24:00:00Z"],
    [""],
    [1.5],
    [true],
  ])("refuses the time %j", (given) => expect(failure(timestamp, given)).toMatch(/^root must be/));
});
