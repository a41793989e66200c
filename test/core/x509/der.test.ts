import { bits, integer, objectId, octets, sequence, time, yes } from "../../../lib/core/x509/der";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

// Expected bytes from ITU-T X.690 examples and RFC 5280 identifiers.
describe("DER", () => {
  it.each([
    ["1.2.840.113549", "06062a864886f70d"],
    ["1.2.840.10045.4.3.2", "06082a8648ce3d040302"],
    ["2.5.29.17", "0603551d11"],
  ])("writes the object identifier %s", (dotted, expected) => {
    expect(hex(objectId(dotted))).toBe(expected);
  });

  it.each([
    [0, "0400"],
    [127, "047f"],
    [128, "048180"],
    [256, "04820100"],
    [70_000, "0483011170"],
  ])("writes a length of %i bytes in its shortest form", (length, head) => {
    expect(hex(octets(new Uint8Array(length))).slice(0, head.length)).toBe(head);
  });

  it("writes nested forms", () => {
    expect(hex(sequence(integer(Uint8Array.of(2)), yes(), bits(Uint8Array.of(0xac), 2)))).toBe(
      "300a0201020101ff030202ac",
    );
  });

  it.each([
    [[0, 0], "020100"],
    [[0, 0x7f], "02017f"],
    [[0x80], "02020080"],
    [[0, 0, 0x80, 1], "0203008001"],
  ])("writes the number %j in its shortest form, and never as a negative one", (bytes, expected) => {
    expect(hex(integer(Uint8Array.from(bytes)))).toBe(expected);
  });

  it("writes times to the second, with the century from 2050 on", () => {
    expect(time(new Date("2026-11-21T01:02:03.999Z")).toString("latin1")).toBe("\x17\x0d261121010203Z");
    expect(time(new Date("2054-01-01T00:00:00Z")).toString("latin1")).toBe("\x18\x0f20540101000000Z");
  });
});
