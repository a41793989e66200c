import { GIB } from "../../../lib/core/units";
import { NodeLab, network, zmachine, zmount } from "./node-lab";

const labs: NodeLab[] = [];
afterEach(() => {
  for (const lab of labs.splice(0)) lab.node.close();
});

async function labOf(nodeId: number, rest: Parameters<typeof NodeLab.create>[1] = {}): Promise<NodeLab> {
  const lab = await NodeLab.create(nodeId, rest);
  labs.push(lab);
  return lab;
}

describe("get", () => {
  it("shuffles workloads, drops the expiration, and keeps data as it was sent", async () => {
    const draws = [0.9, 0.5, 0.1];
    const lab = await labOf(1, { random: () => draws.shift() ?? 0 });
    const deployment = lab.deployment(1, [zmount("a", GIB), zmount("b", GIB), zmount("c", GIB)], { expiration: 77 });
    const [first, ...others] = deployment.workloads;
    const payload = { ...deployment, workloads: [{ ...first, data: { SIZE: GIB, colour: "red" } }, ...others] };
    lab.register(deployment);
    await lab.send("deploy", payload);
    await lab.node.idle();
    const { workloads, ...rest } = await lab.get(1);
    expect(workloads.map(({ name }) => name)).toEqual(["c", "b", "a"]);
    expect(workloads[2]).toMatchObject({ data: { SIZE: GIB, colour: "red" }, result: { state: "ok" } });
    expect(rest).toEqual({
      version: 0,
      twin_id: 7,
      contract_id: 1,
      metadata: "",
      description: "",
      expiration: 0,
      signature_requirement: deployment.signature_requirement,
    });
  });

  it("knows only the caller's own deployments", async () => {
    const lab = await labOf(1);
    await lab.deploy(1, [zmount("a", GIB)]);
    await expect(lab.node.handle(8, "zos.deployment.get", { contract_id: 1 })).rejects.toThrow("deployment not found");
    await expect(lab.node.handle(8, "zos.deployment.changes", { contract_id: 1 })).rejects.toThrow(
      "deployment not found",
    );
  });
});

describe("the other deployment commands", () => {
  it("list what is neither deleted nor in error throughout", async () => {
    const lab = await labOf(1);
    await lab.deploy(1, [zmount("a", GIB)]);
    await lab.deploy(2, [zmount("b", 9000 * GIB)]);
    const list = (await lab.node.handle(7, "zos.deployment.list")) as { contract_id: number }[];
    expect(list.map(({ contract_id }) => contract_id)).toEqual([1]);
    expect(await lab.node.handle(8, "zos.deployment.list")).toEqual([]);
  });

  it("answer null for a deployment without history", async () => {
    const lab = await labOf(1);
    await lab.deploy(1, []);
    expect(await lab.node.handle(7, "zos.deployment.changes", { contract_id: 1 })).toBeNull();
  });

  it("never delete", async () => {
    const text = "deletion over the api is disabled, please cancel your contract instead";
    await expect((await labOf(1)).node.handle(7, "zos.deployment.delete", { contract_id: 1 })).rejects.toThrow(text);
  });
});

describe("what a node tells about its network", () => {
  it("is everything on a public node", async () => {
    const { node } = await labOf(1);
    const ports = [80, 300, 443, 8082, 9651, 9943, 9944, 9945];
    await expect(node.handle(9, "zos.network.list_wg_ports")).resolves.toEqual(ports);
    await expect(node.handle(9, "zos.network.public_config_get")).resolves.toEqual({
      type: "macvlan",
      ipv4: "185.206.122.31/24",
      ipv6: "2a10:b600:1::31/64",
      gw4: "185.206.122.1",
      gw6: "2a10:b600:1::1",
      domain: "gent01.devgrid.test",
    });
    await expect(node.handle(9, "zos.network.has_ipv6")).resolves.toBe(true);
    await expect(node.handle(9, "zos.network.interfaces")).resolves.toEqual({
      zos: ["192.168.1.11"],
      ygg: [expect.stringMatching(/^300:/)],
    });
  });

  it("is an error where a hidden node has nothing", async () => {
    const { node } = await labOf(3);
    await expect(node.handle(9, "zos.network.public_config_get")).rejects.toThrow("no public configuration");
    await expect(node.handle(9, "zos.network.has_ipv6")).rejects.toThrow("no public ipv6 found");
  });

  it("is less on a light node", async () => {
    const { node } = await labOf(8);
    await expect(node.handle(9, "zos.network.public_config_get")).rejects.toThrow("public config not found");
    await expect(node.handle(9, "zos.network.has_ipv6")).resolves.toBe(false);
    await expect(node.handle(9, "zos.network.list_wg_ports")).resolves.toEqual([]);
    await expect(node.handle(9, "zos.network.interfaces")).resolves.toEqual({ zos: ["192.168.2.18"] });
    await expect(node.handle(9, "zos.network.list_public_ips")).rejects.toThrow("function is not found");
  });

  it("is a public address of its card where there is no public config", async () => {
    const { node } = await labOf(6);
    await expect(node.handle(9, "zos.network.has_ipv6")).resolves.toBe(true);
    await expect(node.handle(9, "zos.network.interfaces")).resolves.toMatchObject({
      zos: ["192.168.2.16", "2a02:1802:5e:16:ec4:7aff:fe30:82b1"],
    });
  });

  it("follows a changed endpoint", async () => {
    const { node } = await labOf(1);
    node.setEndpoint({ interfaces: { zos: ["10.0.0.9"], ygg: [] } });
    await expect(node.handle(9, "zos.network.interfaces")).resolves.toEqual({ zos: ["10.0.0.9"], ygg: [] });
  });

  it("lists the caller's machines in a network, not those in error", async () => {
    const lab = await labOf(1);
    const at = (ip: string) => ({ interfaces: [{ network: "net", ip }] });
    await lab.deploy(1, [network(), zmachine("a", {}, at("10.20.2.2")), zmachine("b", {}, at("10.20.3.2"))]);
    const list = (twinId: number, name: string) =>
      lab.node.handle(twinId, "zos.network.list_private_ips", { network_name: name });
    await expect(list(7, "net")).resolves.toEqual(["10.20.2.2"]);
    await expect(list(7, "other")).resolves.toEqual([]);
    await expect(list(8, "net")).resolves.toEqual([]);
  });
});

describe("what a node tells about itself", () => {
  it("counts used capacity with the system's share", async () => {
    const lab = await labOf(1);
    await lab.deploy(1, [network(), zmount("disk", GIB), zmachine("vm")]);
    const system = { cru: 0, mru: Math.floor(25.6 * GIB), sru: 5 * GIB, hru: 0, ipv4u: 0 };
    await expect(lab.node.handle(9, "zos.statistics.get")).resolves.toEqual({
      total: { cru: 32, mru: 256 * GIB, sru: 4096 * GIB, hru: 8192 * GIB, ipv4u: 0 },
      system,
      used: { ...system, cru: 1, mru: system.mru + GIB, sru: 6 * GIB + 500 * 1024 ** 2 },
      users: { deployments: 1, workloads: 3, last_deployment_timestamp: 1_700_000_000 },
      open_connections: 0,
    });
    expect(lab.node.facts()).toMatchObject({ isOnline: true, workloadCount: 3, hasIpv6: true, gpus: [] });
  });

  it.each([
    [1, ["network", "zmachine", "ip", "yggdrasil", "wireguard", "gateway-name-proxy"], ["zmachine-light"]],
    [7, ["network-light", "zmachine-light", "wireguard", "gateway-name-proxy"], ["zmachine", "ip", "yggdrasil"]],
    [8, ["network-light", "mycelium"], ["wireguard", "gateway-name-proxy", "network"]],
  ])("names its features (node %i)", async (nodeId, has, lacks) => {
    const features = await (await labOf(nodeId)).node.handle(9, "zos.system.node_features_get");
    expect(features).toEqual(expect.arrayContaining(has));
    for (const feature of lacks) expect(features).not.toContain(feature);
  });

  it.each([
    ["zos.system.version", undefined, { zos: expect.stringMatching(/^3\./), zinit: expect.any(String) }],
    ["zos.system.hypervisor", undefined, ""],
    ["zos.system.diagnostics", undefined, { system_status_ok: true, healthy: true }],
    ["zos.system.dmi", undefined, { sections: expect.arrayContaining([expect.objectContaining({ typenum: 4 })]) }],
    ["zos.gpu.list", undefined, null],
    ["zos.location.get", undefined, { country_name: "Belgium", country_code: "BE" }],
    ["zos.perf.get", { Name: "iperf" }, { name: "iperf", result: [{ test_type: "tcp" }, { test_type: "udp" }] }],
  ])("answers %s", async (command, payload, answer) => {
    const given = await (await labOf(1)).node.handle(9, command, payload);
    expect({ given }).toMatchObject({ given: answer });
  });

  it("refuses an unknown measurement and an unknown command", async () => {
    const { node } = await labOf(1);
    await expect(node.handle(9, "zos.perf.get", { Name: "love" })).rejects.toThrow("result not found");
    await expect(node.handle(9, "zos.perf.get")).rejects.toThrow("unexpected end of JSON input");
    await expect(node.handle(9, "constructor")).rejects.toThrow("function is not found");
  });
});

describe("admin commands", () => {
  it("are for the farmer's twin", async () => {
    const lab = await labOf(1);
    const record = { farmId: 1, name: "f", twinId: 8, isDedicated: false, isGold: false, publicIps: [] };
    lab.ledger.farms.push(record);
    lab.ledger.nodes.push({
      nodeId: 1,
      farmId: 1,
      twinId: 101,
      resources: { cru: 1, mru: 1, sru: 1, hru: 1 },
      country: "",
      city: "",
      latitude: "",
      longitude: "",
      publicConfig: undefined,
      isCertified: false,
      power: { state: "Up", target: "Up" },
      createdAt: 0,
      extraFee: 0,
    });
    await expect(lab.node.handle(7, "zos.admin.interfaces")).rejects.toThrow("unauthorized");
    const interfaces = await lab.node.handle(8, "zos.admin.interfaces");
    expect(interfaces).toEqual({
      zos: { ips: ["192.168.1.11/24"], mac: expect.stringMatching(/^02(:[0-9a-f]{2}){5}$/) },
    });
    await expect(lab.node.handle(8, "zos.admin.set_public_nic", "zos")).resolves.toBeNull();
    await expect(lab.node.handle(8, "zos.debug.deployment.list")).rejects.toThrow("unauthorized");
  });
});
