import { GIB } from "../../../lib/core/units";
import { createDefaultPark } from "../../../lib/devgrid/node/default-park";
import { featuresOf } from "../../../lib/devgrid/node/hardware";
import { parseCidr, parseIp } from "../../../lib/model/wire/ip-address";

describe("the default park", () => {
  it("has the same keys for the same seed, and others for another", async () => {
    const addresses = async (seed: string) =>
      (await createDefaultPark(seed)).nodes.map((node) => node.seed.keys.address);
    expect(await addresses("a")).toEqual(await addresses("a"));
    expect(new Set([...(await addresses("a")), ...(await addresses("b"))]).size).toBe(24);
  });

  it("has every kind of node that a test may want", async () => {
    const { farms, nodes } = await createDefaultPark("a");
    const count = (isMeant: (node: (typeof nodes)[number]) => unknown) => nodes.filter(isMeant).length;
    expect(nodes).toHaveLength(12);
    expect(farms.map((farm) => farm.isDedicated)).toEqual([false, false, true]);
    expect(count(({ hardware }) => hardware.publicConfig)).toBe(6);
    expect(count(({ hardware }) => hardware.publicConfig?.domain)).toBe(4);
    expect(count(({ hardware }) => !hardware.publicConfig && hardware.interfaces.zos.length === 1)).toBe(5);
    expect(count(({ hardware }) => hardware.gpus.length === 2)).toBe(1);
    expect(count(({ hardware }) => featuresOf(hardware).includes("zmachine-light"))).toBe(2);
    expect(count(({ seed }) => seed.isCertified)).toBe(4);
    expect(nodes.map(({ seed }) => seed.keys.keyType)).toEqual(new Array(12).fill("ed25519"));
  });

  it("gives every node disks that add up to its storage", async () => {
    for (const { hardware } of (await createDefaultPark("a")).nodes) {
      const sum = (type: string) =>
        hardware.pools.filter((pool) => pool.type === type).reduce((total, pool) => total + pool.size, 0);
      expect([sum("ssd"), sum("hdd")]).toEqual([hardware.resources.sru, hardware.resources.hru]);
      expect(hardware.resources.sru).toBeGreaterThanOrEqual(100 * GIB);
    }
  });

  it("uses addresses that the chain takes: public, inside the gateway's block, each once", async () => {
    const { farms, nodes } = await createDefaultPark("a");
    const configs = nodes.flatMap(({ hardware }) => hardware.publicConfig ?? []);
    const all = [...farms.flatMap((farm) => farm.ips), ...configs.map(({ ip4, gw4 }) => ({ ip: ip4, gateway: gw4 }))];
    expect(new Set(all.map(({ ip }) => ip)).size).toBe(all.length);
    for (const { ip, gateway } of all) {
      expect(ip.length).toBeLessThanOrEqual(18);
      expect(parseCidr(ip)?.bytes.subarray(0, 3)).toEqual(parseIp(gateway)?.subarray(0, 3));
      expect(ip).not.toMatch(/^(10|127|192\.168|172\.(1[6-9]|2\d|3[01])|192\.0\.2|198\.51\.100|203\.0\.113)\./);
    }
    for (const { gw6, ip6 } of configs) {
      if (ip6) expect(parseCidr(ip6)?.bytes.subarray(0, 8)).toEqual(parseIp(gw6)?.subarray(0, 8));
    }
  });
});
