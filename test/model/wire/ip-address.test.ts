import {
  cidrContains,
  formatCidr,
  formatIp,
  hashedCidr,
  hashedIp,
  isLoopback,
  parseCidr,
  parseIp,
} from "../../../lib/model/wire/ip-address";

function printed(text: string): string | undefined {
  const bytes = parseIp(text);
  return bytes && formatIp(bytes);
}

describe("an address", () => {
  // The right column is what Go's net.IP prints.
  it.each([
    ["10.20.2.2", "10.20.2.2"],
    ["::", "::"],
    ["::1", "::1"],
    ["2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["2a10:b600:1:0:be24:11ff:fe01:1", "2a10:b600:1:0:be24:11ff:fe01:1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:0:0:2:0:0:3:4", "1::2:0:0:3:4"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"],
    ["fe80::", "fe80::"],
    ["::ffff:10.20.2.2", "10.20.2.2"],
    ["::FFFF:0a14:0202", "10.20.2.2"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
  ])("%s is printed as %s", (given, expected) => expect(printed(given)).toBe(expected));

  it.each([
    ...[
      "",
      "10.20.2",
      "10.20.2.2.2",
      "10.20.2.256",
      "10.20.2.02",
      "10.20.2.2 ",
      "10.20.2.-1",
      "0x0a.1.1.1",
      "1e1.1.1.1",
    ],
    ...[":", ":::", "1:::2", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::"],
    ...["12345::", "g::", "fe80::1%eth0", "1.2.3.4::", "::1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:1", "[::1]"],
  ])("%j is none", (given) => expect(parseIp(given)).toBeUndefined());

  it.each([
    ["127.0.0.1", true],
    ["127.255.0.9", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["128.0.0.1", false],
    ["::2", false],
    ["::", false],
  ])("%s is loopback: %s", (given, expected) => expect(isLoopback(parseIp(given) ?? new Uint8Array())).toBe(expected));

  it("that is missing is hashed as <nil>, and one that is none as it stands", () => {
    expect([hashedIp(""), hashedCidr(""), hashedIp("x"), hashedCidr("x")]).toEqual(["<nil>", "<nil>", "x", "x"]);
    expect([hashedIp("FE80::0"), hashedCidr("FE80::0/10")]).toEqual(["fe80::", "fe80::/10"]);
  });
});

describe("a block", () => {
  it.each([
    ["10.20.2.7/24", "10.20.2.7/24"],
    ["10.20.0.0/016", "10.20.0.0/16"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:DB8:0::1/64", "2001:db8::1/64"],
    ["::ffff:10.0.0.1/120", "10.0.0.1/24"],
    ["::ffff:10.0.0.1/64", "10.0.0.1/0"],
  ])("%s keeps its host bits: %s", (given, expected) => {
    const cidr = parseCidr(given);
    expect(cidr && formatCidr(cidr)).toBe(expected);
  });

  it.each([
    "",
    "10.20.2.7",
    "10.20.2.7/",
    "10.20.2.7/33",
    "10.20.2.7/-1",
    "10.20.2.7/24/1",
    "10.20.2/24",
    "::/129",
    "/24",
    "10.0.0.0/ 8",
  ])("%j is none", (given) => expect(parseCidr(given)).toBeUndefined());

  it.each([
    ["10.20.0.0/16", "10.20.255.1", true],
    ["10.20.0.0/16", "10.21.0.0", false],
    ["10.20.2.128/25", "10.20.2.127", false],
    ["10.20.2.0/25", "10.20.2.127", true],
    ["0.0.0.0/0", "1.2.3.4", true],
    ["10.20.2.2/32", "10.20.2.3", false],
    ["0.0.0.0/0", "::1", false],
    ["fd00::/8", "fdff::1", true],
  ])("%s contains %s: %s", (block, address, expected) => {
    const [cidr, bytes] = [parseCidr(block), parseIp(address)];
    expect(cidr && bytes && cidrContains(cidr, bytes)).toBe(expected);
  });
});
