import { bits, integer, objectId, octets, sequence, utcTime, yes } from "../../../../lib/provider/server/process/der";

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

  it("writes times to the second", () => {
    expect(utcTime(new Date("2026-11-21T01:02:03.999Z")).subarray(2).toString()).toBe("261121010203Z");
  });
});
