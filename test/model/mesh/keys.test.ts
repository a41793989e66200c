import {
  defaultMyceliumSeed,
  isUsableMyceliumSeed,
  myceliumAddress,
  myceliumMachineIp,
  myceliumSubnet,
  wgQuickConfig,
  wireguardAddress,
  wireguardPublicKey,
} from "../../../lib/model/mesh";
import { formatIp, parseIp } from "../../../lib/model/wire/ip-address";

describe("a WireGuard key", () => {
  it.each([
    ["too short", "AAAA"],
    ["not base64", "!".repeat(44)],
    ["of 33 bytes", Buffer.alloc(33).toString("base64")],
    ["with text behind it", `${Buffer.alloc(32, 1).toString("base64")}\nx`],
    ["empty", ""],
  ])("%s is refused without being repeated", (_, key) => {
    expect(() => wireguardPublicKey(key)).toThrow(expect.objectContaining({ code: "TFG_BAD_WIREGUARD_KEY" }));
    if (key !== "") expect(() => wireguardPublicKey(key)).not.toThrow(key);
  });
});

describe("a mycelium address", () => {
  // Printed by `mycelium inspect` on machines whose owner keeps both in a public repository (Lassulus/superconfig:
  // ignavia, hilum, mors, coaxmetal). The mycelium manual still shows addresses of the time before BLAKE3.
  it.each([
    ["9d02349f77c294509f5bce444cfe3bbee3db2a47b061029a5976cfb459d6e07f", "441:5522:8034:a6a3:32b2:fc9f:cd36:72fb"],
    ["eed81cc7879762e32ba3a91dd540da10a5db000e7960b8cf1630506dca16a107", "490:65ba:4d22:345d:1f4c:9db0:71d:7594"],
    ["4e95fe8651229c8be88ec504b92e0d58bb8b04be373b4d91656f8e805a2cd70e", "464:d486:875f:c13f:65f1:173d:71c8:b900"],
    ["ab5ed63e1ab7f182012fd00674af0af9d48f540fbf05e26fe62c8461b8da0648", "578:75d6:1e06:eb48:1063:15d:4b8a:3188"],
  ])("of the public key %s is %s", (publicKey, address) => {
    expect(formatIp(myceliumAddress(Buffer.from(publicKey, "hex")))).toBe(address);
  });

  const hexKey = "9af4e5ffd2ef8a3ad4a2d3a9f1a3b6e8c1f0e4d2b3a5968778695a4b3c2d1e0f";

  it("of a machine is the /64 of the network's key, a mark and the seed", () => {
    const subnet = myceliumSubnet(hexKey);
    const machine = parseIp(myceliumMachineIp(hexKey, "b60f2b7ec39c")) ?? new Uint8Array();
    expect(subnet).toMatch(/^[45]..?:.*::\/64$/);
    expect(Buffer.from(machine.subarray(0, 8))).toEqual(
      Buffer.from(parseIp(subnet.slice(0, -3))?.subarray(0, 8) ?? []),
    );
    expect(Buffer.from(machine.subarray(8)).toString("hex")).toBe("ff0fb60f2b7ec39c");
    expect(myceliumMachineIp(hexKey.toUpperCase(), "B60F2B7EC39C")).toBe(formatIp(machine));
  });

  it.each(["000000000000", "ffffffffffff", "FFFFFFFFFFFF", "0102", "0x0102030405", ""])(
    "refuses the seed %j",
    (seed) => {
      expect(isUsableMyceliumSeed(seed)).toBe(false);
      expect(() => myceliumMachineIp(hexKey, seed)).toThrow(expect.objectContaining({ code: "TFG_BAD_MYCELIUM_KEY" }));
    },
  );

  it("refuses a key of another length without repeating it", () => {
    expect(() => myceliumSubnet("abcd")).toThrow("A mycelium key is not 64 hexadecimal digits.");
    expect(() => defaultMyceliumSeed("::1")).toThrow(expect.objectContaining({ code: "TFG_BAD_MYCELIUM_KEY" }));
  });
});

describe("the configuration of a user's machine", () => {
  const access = { subnet: "10.20.3.0/24", privateKey: "USER" };

  it("routes the mesh and its WireGuard addresses", () => {
    const node = { publicKey: "NODE", endpoint: "185.206.122.31", listenPort: 6835 };
    expect(wgQuickConfig(access, node, "10.20.0.0/16")).toBe(
      [
        "[Interface]",
        "Address = 100.64.20.3/32",
        "PrivateKey = USER",
        "",
        "[Peer]",
        "PublicKey = NODE",
        "AllowedIPs = 10.20.0.0/16, 100.64.0.0/16",
        "PersistentKeepalive = 25",
        "Endpoint = 185.206.122.31:6835",
      ].join("\n"),
    );
    expect(wireguardAddress(access.subnet)).toBe("100.64.20.3");
  });
});
