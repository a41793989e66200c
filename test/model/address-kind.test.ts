import { addressKind } from "../../lib/model/address-kind";

describe("the kind of an address", () => {
  it.each([
    ["400::1", "mycelium"],
    ["5ff:ffff::", "mycelium"],
    ["200::1", "planetary"],
    ["3a1:7e3b::9", "planetary"],
    ["2a10:b600:1::31", "public"],
    ["3fff:ffff::1", "public"],
    ["fe80::1", undefined],
    ["fd00::1", undefined],
    ["600::1", undefined],
    ["4.4.4.4", undefined],
    ["::ffff:32.1.2.3", undefined],
    ["no address", undefined],
  ])("of %s is %s", (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });
});
