import { GIB, MIB } from "../../../lib/core/units";
import { nameContract, rentContract } from "../../support/plain-ledger";
import { gatewayName, type LabWorkload, NodeLab, network, networkLight, zdb, zmachine, zmount } from "./node-lab";

const labs: NodeLab[] = [];
afterEach(() => {
  for (const lab of labs.splice(0)) lab.node.close();
});

async function labOf(nodeId: number, rest: Parameters<typeof NodeLab.create>[1] = {}): Promise<NodeLab> {
  const lab = await NodeLab.create(nodeId, rest);
  labs.push(lab);
  return lab;
}

/** What becomes of the last of these workloads, deployed together on a fresh node. */
async function fate(nodeId: number, workloads: readonly LabWorkload[], prepare?: (lab: NodeLab) => unknown) {
  const lab = await labOf(nodeId);
  await prepare?.(lab);
  await lab.deploy(1, workloads);
  return lab.last(1, workloads.at(-1)?.name ?? "");
}

describe("a machine", () => {
  it("comes up with its addresses and console", async () => {
    const net = { planetary: true, mycelium: { network: "net", hex_seed: "000002000002" } };
    const { state, data } = await fate(1, [network(), zmachine("vm", {}, net)]);
    expect(state).toBe("ok");
    expect(data).toEqual({
      id: "7-1-vm",
      ip: "10.20.2.2",
      planetary_ip: expect.stringMatching(/^300:[0-9a-f:]+$/),
      mycelium_ip: expect.stringMatching(/^[45][0-9a-f]{2}:[0-9a-f:]+:ff0f:0:200:2$/),
      console_url: "10.20.2.1:20002",
    });
  });

  it("finds its network in another deployment of the same twin only", async () => {
    const lab = await labOf(1);
    await lab.deploy(1, [network()]);
    await lab.deploy(2, [zmachine("vm")]);
    expect((await lab.last(2, "vm")).state).toBe("ok");
    const theirs = lab.deployment(3, [zmachine("vm")], { twin_id: 8 });
    lab.register(theirs);
    await lab.send("deploy", theirs, 8);
    await lab.node.idle();
    const changes = await lab.node.handle(8, "zos.deployment.changes", { contract_id: 3 });
    expect(JSON.stringify(changes)).toContain("could not get network resource subnet: couldn't load network with id (");
  });

  it.each([
    ["an address outside the subnet", "10.20.3.2", "IP 10.20.3.2 is not part of local nr subnet 10.20.2.0/24"],
    ["the gateway's address", "10.20.2.1", "ip 10.20.2.1 is reserved"],
    ["an IPv6 address", "fd00::2", "invalid IPv4 supplied to wg interface"],
  ])("fails with %s", async (_what, ip, message) => {
    const vm = zmachine("vm", {}, { interfaces: [{ network: "net", ip }] });
    expect(await fate(1, [network(), vm])).toMatchObject({ state: "error", message });
  });

  it.each([
    [
      "a mycelium seed of zeros",
      { mycelium: { network: "net", hex_seed: "000000000000" } },
      "could not set up tap device: invalid seed",
    ],
    [
      "more cores than the node has",
      {},
      "machine configuration validation failed: invalid cpu must be between 1 and 32",
    ],
  ])("fails with %s", async (_what, net, message) => {
    const vm = zmachine("vm", { compute_capacity: { cpu: 33, memory: GIB } }, net);
    expect((await fate(1, [network(), vm])).message).toBe(message);
  });

  it.each([
    [
      "ftp://hub.grid.tf/a.flist",
      'failed to mount flist: 7-1-vm: Get "ftp://hub.grid.tf/a.flist": unsupported protocol scheme "ftp"',
    ],
    ["https://hub.grid.tf/a.img", "failed to mount flist: 7-1-vm: unknown extension: '.img'"],
    ["https://hub.grid.tf/a.flist?x=1", "failed to mount flist: 7-1-vm: unknown extension: '.flist?x=1'"],
  ])("fails when its flist is %s", async (flist, message) => {
    expect((await fate(1, [network(), zmachine("vm", { flist })])).message).toBe(message);
  });

  it("fails with a disk that failed, and takes no root storage then", async () => {
    const lab = await labOf(1);
    const mounts = [{ name: "disk", mountpoint: "/data" }];
    await lab.deploy(1, [network(), zmount("disk", 9000 * GIB), zmachine("vm", { mounts })]);
    expect((await lab.last(1, "vm")).message).toBe("invalid disk 'disk' state");
    const pools = (await lab.node.handle(7, "zos.storage.pools")) as { used: number }[];
    expect(pools.map((pool) => pool.used)).toEqual([5 * GIB, 0, 0, 0]);
  });

  it("fails without room for its root", async () => {
    const { message } = await fate(1, [network(), zmachine("vm", { size: 9000 * GIB })]);
    expect(message).toBe("failed to create vm rootfs: not enough space left in pools of this type ssd");
  });

  it("refuses to mount a disk at the root", async () => {
    const mounts = [{ name: "disk", mountpoint: "/./" }];
    const { message } = await fate(1, [network(), zmount("disk", GIB), zmachine("vm", { mounts })]);
    expect(message).toBe("machine configuration validation failed: validating disk /./: mount target can't be /");
  });

  const DISK_IMAGE = "https://hub.grid.tf/tf-official-vms/ubuntu-22.04.flist";

  it.each([
    ["no mount", [], [], "at least one mount has to be attached for Vm mode"],
    [
      "a volume first",
      [{ name: "disk", type: "volume", data: { size: 5 * GIB } }],
      ["disk"],
      "mount is not a valid disk workload",
    ],
    [
      "too small a disk",
      [zmount("disk", GIB)],
      ["disk"],
      "failed to write image to disk: image size is bigger than disk",
    ],
  ])("with a disk image fails with %s", async (_what, others, names, message) => {
    const mounts = names.map((name) => ({ name, mountpoint: "/" }));
    expect(await fate(1, [network(), ...others, zmachine("vm", { flist: DISK_IMAGE, mounts })])).toMatchObject({
      message,
    });
  });

  it("with a disk image boots from its first disk and takes no root storage", async () => {
    const lab = await labOf(1);
    const mounts = [{ name: "disk", mountpoint: "/" }];
    await lab.deploy(1, [network(), zmount("disk", 15 * GIB), zmachine("vm", { flist: DISK_IMAGE, mounts })]);
    expect((await lab.last(1, "vm")).state).toBe("ok");
    const pools = (await lab.node.handle(7, "zos.storage.pools")) as { used: number }[];
    expect(pools.reduce((sum, pool) => sum + pool.used, 0)).toBe(20 * GIB);
  });
});

describe("a graphics card", () => {
  const CARD = "0000:41:00.0/10de/2204";
  const withGpu = (name: string, ip: string, gpu: string) =>
    zmachine(name, { gpu: [gpu] }, { interfaces: [{ network: "net", ip }] });

  it("is given only while the node is rented, to one machine, and shown as taken", async () => {
    const lab = await labOf(11);
    await lab.deploy(1, [network(), withGpu("vm", "10.20.2.2", CARD)]);
    expect((await lab.last(1, "vm")).message).toBe("usage of GPU is not allowed unless node is rented");
    lab.ledger.contracts.push(rentContract(90, 11, 7));
    await lab.deploy(2, [withGpu("a", "10.20.2.2", CARD), withGpu("b", "10.20.2.3", CARD)]);
    expect((await lab.last(2, "b")).message).toBe("device '0000:41:00.0' is already used by another workload");
    await lab.deploy(3, [withGpu("c", "10.20.2.4", "0000:99:00.0/1/2")]);
    const unknown = "failed to prepare requested gpu device(s): unknown GPU id '0000:99:00.0/1/2'";
    expect((await lab.last(3, "c")).message).toBe(unknown);
    const cards = (await lab.node.handle(7, "zos.gpu.list")) as { id: string; contract: number }[];
    expect(cards.map(({ contract }) => contract)).toEqual([0, 2]);
    await lab.update(2, 1, []);
    await lab.deploy(4, [withGpu("d", "10.20.2.5", CARD)]);
    expect((await lab.last(4, "d")).state).toBe("ok");
  });
});

describe("storage", () => {
  it("never spreads a disk over two pools", async () => {
    const { message } = await fate(1, [zmount("disk", 3000 * GIB)]);
    const size = 3000 * GIB;
    const text = `failed to find a candidate to host vdisk of size '${size}': not enough space left in pools of this type ssd`;
    expect(message).toBe(text);
  });

  it("fills a pool to the last byte and no further", async () => {
    const lab = await labOf(3);
    await lab.deploy(1, [zmount("all", 495 * GIB)]);
    expect((await lab.last(1, "all")).state).toBe("ok");
    await lab.deploy(2, [zmount("more", 1)]);
    expect((await lab.last(2, "more")).state).toBe("error");
  });

  it("loses to a stranger who took the space", async () => {
    const result = await fate(3, [zmount("disk", 400 * GIB)], (lab) => lab.node.addUsage({ sru: 200 * GIB }));
    expect(result.state).toBe("error");
  });

  it("keeps namespaces on one disk as long as they fit, and answers with every address it has", async () => {
    const lab = await labOf(1);
    await lab.deploy(1, [zdb("a", 3000 * GIB), zdb("b", 3000 * GIB), zdb("c", 1000 * GIB)]);
    const pools = (await lab.node.handle(7, "zos.storage.pools")) as { type: string; used: number }[];
    expect(pools.filter(({ type }) => type === "hdd").map(({ used }) => used / GIB)).toEqual([4000, 3000]);
    const { data } = await lab.last(1, "a");
    expect(data).toEqual({
      Namespace: "7-1-a",
      Port: 9900,
      IPs: [
        expect.stringMatching(/^2a10:b600:1:/),
        expect.stringMatching(/^300:/),
        expect.stringMatching(/^4[0-9a-f]{2}:/),
      ],
    });
  });

  it("has no namespaces without an HDD", async () => {
    const text = "couldn't allocate device to satisfy namespace size: no more free devices found";
    expect((await fate(3, [zdb("db", GIB)])).message).toBe(text);
  });

  it("mounts a quantum safe file system on a full node only", async () => {
    const data = { cache: 2 * GIB, config: { minimal_shards: 2, expected_shards: 4 } };
    const qsfs = { name: "fs", type: "qsfs", data };
    const { path, metrics_endpoint: endpoint } = Object((await fate(1, [qsfs])).data);
    expect(path).toBe("/var/cache/modules/qsfsd/mounts/7-1-fs");
    expect(endpoint).toMatch(/^http:\/\/\[300:.*\]:9100\/metrics$/);
    const others = (await fate(1, [{ ...qsfs, name: "other" }])).data;
    expect(others).not.toMatchObject({ metrics_endpoint: endpoint });
    expect((await fate(7, [qsfs])).state).toBe("error");
  });
});

describe("a network", () => {
  it.each([
    ["of another network", 6835],
    ["of the node itself", 8082],
  ])("fails with a port %s", async (_what, port) => {
    const lab = await labOf(1);
    await lab.deploy(1, [network()]);
    await lab.deploy(2, [network({ wireguard_listen_port: port }, 0, "other")]);
    const why = `wireguard listen port already in use, pick another one: port ${port} is already in the set`;
    expect((await lab.last(2, "other")).message).toBe(
      `failed to create network resource for network 7-2-other: ${why}`,
    );
  });

  it("frees name and port with its contract", async () => {
    const lab = await labOf(1);
    await lab.deploy(1, [network()]);
    lab.ledger.end(1);
    await lab.node.idle();
    await lab.deploy(2, [network()]);
    expect((await lab.last(2, "net")).state).toBe("ok");
  });
});

describe("a public address", () => {
  const pub = (name: string, v4: boolean, v6: boolean) => ({ name, type: "ip", data: { v4, v6 } });
  const reserved = ["185.206.122.100/24", "185.206.122.101/24"].map((ip) => {
    return { ip, gateway: "185.206.122.1", contractId: 1 };
  });

  it("comes from those that the contract reserved, each once", async () => {
    const lab = await labOf(1);
    await lab.deploy(1, [pub("a", true, false), pub("b", true, true)], { publicIps: 2, publicIpsList: reserved });
    const ips = [await lab.last(1, "a"), await lab.last(1, "b")].map(({ data }) => data as { ip: string; ip6: string });
    expect(ips.map(({ ip }) => ip).sort()).toEqual(reserved.map(({ ip }) => ip));
    expect(ips[0]).toEqual({ ip: expect.any(String), ip6: "", gateway: "185.206.122.1" });
    expect(ips[1]?.ip6).toMatch(/^2a10:b600:1:0:[0-9a-f:]+\/64$/);
    expect(await lab.node.handle(9, "zos.network.list_public_ips")).toEqual(ips.map(({ ip }) => ip));
  });

  it("fails when the contract reserved fewer", async () => {
    const text = "required 1 ips while contract has 0 ip reserved";
    expect((await fate(1, [pub("a", true, false)])).message).toBe(text);
  });

  it("fails for IPv6 on a node without", async () => {
    const text = "could not look up ipv6 prefix: no public ipv6 found";
    expect((await fate(3, [pub("a", false, true)])).message).toBe(text);
  });

  it("takes its machine down with it when it failed", async () => {
    const text = "could not get public ip config: public ip workload is not okay";
    const vm = zmachine("vm", {}, { public_ip: "a" });
    expect((await fate(1, [network(), pub("a", true, false), vm])).message).toBe(text);
  });
});

describe("a web gateway", () => {
  const fqdn = (name: string, domain: string, rest: Record<string, unknown> = {}) => {
    const data = { fqdn: domain, tls_passthrough: true, backends: ["10.20.2.2:443"], ...rest };
    return { name, type: "gateway-fqdn-proxy", data };
  };
  const reserve = (lab: NodeLab) => lab.ledger.contracts.push(nameContract(50, "shop"));

  it("is served under the node's domain once the name is reserved by the same twin", async () => {
    expect((await fate(1, [gatewayName("gw", "shop")], reserve)).data).toEqual({ fqdn: "shop.gent01.devgrid.test" });
  });

  const failed = "failed to setup name proxy: ";
  it.each([
    [
      "without the name",
      1,
      () => undefined,
      `${failed}failed to verify name contract: a name contract with the given name must be reserved first`,
    ],
    [
      "with another twin's name",
      1,
      (lab: NodeLab) => lab.ledger.contracts.push({ ...nameContract(50, "shop"), twinId: 9 }),
      `${failed}failed to verify name contract: twin id mismatch`,
    ],
    ["on a node without a domain", 5, reserve, `${failed}node doesn't support name proxy (doesn't have a domain)`],
    ["on a hidden node", 3, reserve, `${failed}gateway is not supported on this node: no public configuration`],
    [
      "on a light node without a domain",
      8,
      reserve,
      `${failed}gateway is not supported on this node, domain is not set`,
    ],
  ])("fails %s", async (_what, nodeId, prepare, message) => {
    expect((await fate(nodeId, [gatewayName("gw", "shop")], prepare)).message).toBe(message);
  });

  it.each([
    [
      "the node itself",
      { backends: ["http://185.206.122.31:80"] },
      "backend http://185.206.122.31:80 points to the node's own public IP address",
    ],
    ["a network that is not there", { network: "net" }, "failed to get user network: couldn't load network with id ("],
  ])("fails with %s behind it", async (_what, rest, text) => {
    expect((await fate(1, [gatewayName("gw", "shop", rest)], reserve)).message).toContain(`${failed}${text}`);
  });

  it("serves a domain once", async () => {
    const lab = await labOf(1);
    await lab.deploy(1, [fqdn("a", "www.example.com")]);
    await lab.deploy(2, [fqdn("b", "www.example.com")]);
    expect(await lab.last(1, "a")).toMatchObject({ state: "ok", data: {} });
    const text = "failed to setup fqdn proxy: domain already registered: www.example.com";
    expect((await lab.last(2, "b")).message).toBe(text);
  });

  it("refuses names under the node's own domain, and domains that point elsewhere", async () => {
    const own = await fate(1, [fqdn("a", "x.gent01.devgrid.test")]);
    expect(own.message).toContain("can't create a fqdn workload with a subdomain of the gateway's managed domain");
    const lab = await labOf(1, { resolveHost: () => ["203.0.113.9"] });
    await lab.deploy(1, [fqdn("a", "www.example.com")]);
    const text = "failed to setup fqdn proxy: failed to verify domain dns record: host doesn't point to the gateway ip";
    expect((await lab.last(1, "a")).message).toBe(text);
  });

  it("has its certificate under the node's domain at once, for an own domain after a moment, and needs none for TLS that goes through", async () => {
    const lab = await labOf(1);
    reserve(lab);
    const ended = { tls_passthrough: false, backends: ["http://10.20.2.2:80", "http://10.20.2.3:80"] };
    await lab.deploy(1, [gatewayName("gw", "shop")]);
    await lab.deploy(2, [fqdn("own", "www.example.com", ended)]);
    await lab.deploy(3, [fqdn("through", "tls.example.com")]);
    const certificates = () => Object.fromEntries(lab.node.gateways().map((each) => [each.domain, each.certificate]));
    const own = { "shop.gent01.devgrid.test": "issued", "tls.example.com": "none" };
    expect(certificates()).toEqual({ ...own, "www.example.com": "pending" });
    expect(lab.node.gateways()[1]?.backends).toEqual(ended.backends);
    lab.ledger.nowMs += 5_000;
    expect(certificates()).toEqual({ ...own, "www.example.com": "issued" });
    expect(lab.node.setCertificate("www.example.com", "failed")).toBe(true);
    expect(certificates()).toEqual({ ...own, "www.example.com": "failed" });
    expect(lab.node.setCertificate("else.example.com", "failed")).toBe(false);
  });

  it("is taken down by the node when its name contract ends", async () => {
    const lab = await labOf(1);
    reserve(lab);
    await lab.deploy(1, [gatewayName("gw", "shop")]);
    lab.ledger.end(50);
    const text = "a name contract with the given name must be reserved first";
    expect(await lab.last(1, "gw")).toMatchObject({
      state: "deleted",
      message: `workload decommissioned by system, reason: ${text}`,
    });
    expect((await lab.get(1)).workloads).toEqual([]);
  });
});

describe("a light node", () => {
  it("runs light machines with mycelium, their console on the overlay", async () => {
    const net = { mycelium: { network: "net", hex_seed: "0102030405aa" } };
    const vm = { ...zmachine("vm", { size: 600 * MIB }, net), type: "zmachine-light" };
    expect((await fate(7, [networkLight(), vm])).data).toEqual({
      id: "7-1-vm",
      ip: "10.20.2.2",
      mycelium_ip: expect.stringMatching(/:ff0f:102:304:5aa$/),
      console_url: expect.stringMatching(/^\[[45][0-9a-f]{2}:.*\]:20002$/),
    });
  });

  it.each([
    [7, network(), "unknown workload type 'network' for reservation id '7-1-net'"],
    [1, networkLight(), "unknown workload type 'network-light' for reservation id '7-1-net'"],
  ])("and a full one know each other's types but can't provision them (node %i)", async (nodeId, workload, message) => {
    expect(await fate(nodeId, [workload])).toMatchObject({ state: "error", message });
  });

  it("leaves WireGuard off without a key", async () => {
    const lab = await labOf(8);
    await lab.deploy(1, [networkLight({ wireguard_private_key: "", wireguard_listen_port: 0 })]);
    expect((await lab.last(1, "net")).state).toBe("ok");
    expect(await lab.node.handle(7, "zos.network.list_wg_ports")).toEqual([]);
  });
});
