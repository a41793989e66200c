import { decodeStamp, encodeDeploymentData, sameStamp } from "../../lib/model/deployment-data";
import { networkNameOnGrid, toWorkloadName } from "../../lib/model/identity";

const label = { type: "vm", name: "web", projectName: "vm/web" };
const stamp = { lineage: "shop.0123456789abcdef", role: "virtual_machine/web", token: "0011223344556677" };

describe("the public text of a contract", () => {
  test("is compact JSON with the official keys first, then the stamp", () => {
    expect(encodeDeploymentData(label, stamp)).toBe(
      '{"version":3,"type":"vm","name":"web","projectName":"vm/web","cdktf":{"p":"shop.0123456789abcdef","r":"virtual_machine/web","t":"0011223344556677"}}',
    );
  });

  test("gives back its stamp", () => {
    const read = decodeStamp(encodeDeploymentData(label, stamp));
    expect(read && sameStamp(read, stamp)).toBe(true);
  });

  test.each(["", "not json", "[]", "null", '{"cdktf":7}', '{"cdktf":{"p":"a","r":"b"}}', '{"version":3,"type":"vm"}'])(
    "carries no stamp when it is %p",
    (text) => expect(decodeStamp(text)).toBeUndefined(),
  );

  test("fits 512 bytes with the longest names allowed, and is refused above", () => {
    const longest = {
      lineage: `${"p".repeat(40)}.${"0".repeat(16)}`,
      role: `virtual_machine/${"i".repeat(64)}`,
      token: "0".repeat(16),
    };
    const wide = { type: "kubernetes", name: "n".repeat(36), projectName: `kubernetes/${"n".repeat(36)}` };
    expect(Buffer.byteLength(encodeDeploymentData(wide, longest))).toBeLessThanOrEqual(512);
    const tooWide = { ...wide, name: "é".repeat(200) };
    expect(() => encodeDeploymentData(tooWide, longest)).toThrow(/too long/);
  });
});

describe("names on the grid", () => {
  test("keep letters and digits of a network's name and tell equal names of two projects apart", () => {
    const a = networkNameOnGrid("my-mesh", "shop", "mesh");
    expect(a).toMatch(/^mymesh[0-9a-f]{6}$/);
    expect(networkNameOnGrid("my-mesh", "other", "mesh")).not.toBe(a);
    expect(networkNameOnGrid("x".repeat(80), "shop", "mesh")).toHaveLength(36);
  });

  test("turn free text into a workload name of at most 36 characters without collisions of long ones", () => {
    expect(toWorkloadName("cluster/server-1")).toBe("cluster_server_1");
    const [a, b] = [toWorkloadName(`${"x".repeat(50)}a`), toWorkloadName(`${"x".repeat(50)}b`)];
    expect(a).toHaveLength(36);
    expect(a).not.toBe(b);
  });
});
