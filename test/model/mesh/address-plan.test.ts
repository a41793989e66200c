import {
  ipRangeProblem,
  isAcceptedByOfficialClient,
  isMachineIp,
  lowestFreeMachineIp,
  lowestFreeSubnet,
  usableListenPorts,
} from "../../../lib/model/mesh";

describe("the range of a mesh", () => {
  it.each(["10.20.0.0/16", "172.16.0.0/16", "172.31.0.0/16", "192.168.0.0/16", "10.41.0.0/16", "10.44.0.0/16"])(
    "may be %s",
    (range) => {
      expect(ipRangeProblem(range)).toBeUndefined();
    },
  );

  it.each([
    ["10.20.0.0/24", /length \/16/],
    ["10.0.0.0/8", /length \/16/],
    ["fd00::/16", /IPv4/],
    ["rubbish", /IPv4 block/],
    ["10.20.2.0/16", /write 10\.20\.0\.0\/16/],
    ["8.8.0.0/16", /not private/],
    ["172.15.0.0/16", /not private/],
    ["172.32.0.0/16", /not private/],
    ["100.64.0.0/16", /WireGuard/],
    ["100.127.0.0/16", /WireGuard/],
    ["10.42.0.0/16", /k3s pods/],
    ["10.43.0.0/16", /k3s services/],
    ["127.0.0.0/16", /not private/],
  ])("may not be %s: %s", (range, why) => expect(ipRangeProblem(range)).toMatch(why));

  it.each([
    ["100.64.0.0/16", true],
    ["10.42.0.0/16", true],
    ["127.0.0.0/16", true],
    ["172.31.0.0/16", true],
    ["172.32.0.0/16", false],
    ["10.20.0.0/17", false],
  ])("%s is taken by the official client: %s", (range, isTaken) =>
    expect(isAcceptedByOfficialClient(range)).toBe(isTaken),
  );
});

describe("handing out addresses", () => {
  it("skips what any reserved block overlaps", () => {
    expect(lowestFreeSubnet("10.20.0.0/16", ["10.20.0.0/21", "10.20.8.128/25"])).toBe("10.20.9.0/24");
  });

  it("stays inside the block, and never gives the first two and the last", () => {
    expect(lowestFreeSubnet("10.20.64.0/20", [])).toBe("10.20.64.0/24");
    expect(lowestFreeSubnet("10.20.0.0/16", [])).toBe("10.20.2.0/24");
    const all = Array.from({ length: 253 }, (_, i) => `10.20.${i + 2}.0/24`);
    expect(lowestFreeSubnet("10.20.0.0/16", all.slice(0, -1))).toBe("10.20.254.0/24");
    expect(() => lowestFreeSubnet("10.20.0.0/16", all)).toThrow(expect.objectContaining({ code: "TFG_MESH_FULL" }));
    expect(() => lowestFreeSubnet("10.20.0.0/23", [])).toThrow(expect.objectContaining({ code: "TFG_MESH_FULL" }));
  });

  it("gives machines .2 to .254, lowest free first", () => {
    const all = Array.from({ length: 253 }, (_, i) => `10.20.2.${i + 2}`);
    expect(lowestFreeMachineIp("10.20.2.0/24", ["10.20.2.1", "10.20.2.2", "10.20.3.3"])).toBe("10.20.2.3");
    expect(lowestFreeMachineIp("10.20.2.0/24", all.slice(0, -1))).toBe("10.20.2.254");
    expect(() => lowestFreeMachineIp("10.20.2.0/24", all)).toThrow(
      expect.objectContaining({ code: "TFG_SUBNET_FULL" }),
    );
  });

  it.each([
    ["10.20.2.2", true],
    ["10.20.2.254", true],
    ["10.20.2.1", false],
    ["10.20.2.0", false],
    ["10.20.2.255", false],
    ["10.20.3.2", false],
    ["::2", false],
    ["", false],
  ])("lets a machine of 10.20.2.0/24 have %j: %s", (ip, may) => expect(isMachineIp("10.20.2.0/24", ip)).toBe(may));

  it("refuses what is no IPv4 block", () => {
    expect(() => lowestFreeSubnet("10.20.0.0/16", ["rubbish"])).toThrow(
      expect.objectContaining({ code: "TFG_BAD_ADDRESS_BLOCK" }),
    );
    expect(() => lowestFreeMachineIp("fd00::/64", [])).toThrow(
      expect.objectContaining({ code: "TFG_BAD_ADDRESS_BLOCK" }),
    );
  });

  it("keeps listen ports in range, off taken ones and off the node's own", () => {
    const candidates = [1023, 32768, 9651, 9943, 8082, 32767, 5000, 1024];
    expect(usableListenPorts(candidates, [5000])).toEqual([32767, 1024]);
  });
});
