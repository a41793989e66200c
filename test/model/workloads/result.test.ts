import { resultOf } from "../../../lib/model/workloads/registry";
import type { AnyWorkload } from "../../../lib/model/workloads/workload";
import { deploymentOf, workloadJson } from "../../support/deployments";

function answered(type: string, data: unknown): AnyWorkload {
  const result = { created: 1, state: "ok", message: "", data };
  const [workload] = deploymentOf([workloadJson(type, "w", {}, { result })]).workloads;
  if (!workload) throw new Error("nothing was read");
  return workload;
}

describe("the node's facts about a workload", () => {
  it.each([
    [
      "zdb",
      { Namespace: "703-55-w", IPs: ["2a10::1"], Port: 9900 },
      { Namespace: "703-55-w", IPs: ["2a10::1"], Port: 9900 },
    ],
    ["zmount", { volume_id: "703-55-w" }, { volume_id: "703-55-w" }],
    [
      "ip",
      { ip: "185.206.122.40/24", ip6: "", gateway: "185.206.122.1" },
      { ip: "185.206.122.40/24", ip6: "", gateway: "185.206.122.1" },
    ],
    ["gateway-name-proxy", { fqdn: "w.gent01.example" }, { fqdn: "w.gent01.example" }],
    ["network", {}, {}],
  ])("are read for %s", (type, data, expected) => expect(resultOf(answered(type, data))).toEqual(expected));

  it("give the Yggdrasil address under its old name too", () => {
    const old = answered("zmachine", { id: "i", ip: "10.20.2.2", ygg_ip: "32b::1" });
    expect(resultOf(old)).toEqual({
      id: "i",
      ip: "10.20.2.2",
      planetary_ip: "32b::1",
      mycelium_ip: "",
      console_url: "",
    });
    expect(resultOf(answered("zmachine", { planetary_ip: "32b::2" }))).toMatchObject({ planetary_ip: "32b::2" });
  });

  it("are undefined while there are none", () => expect(resultOf(answered("network", null))).toBeUndefined());

  it("are refused in another shape, naming the workload", () => {
    expect(() => resultOf(answered("zdb", { IPs: "x" }))).toThrow('result of "w".IPs must be a list');
  });
});
