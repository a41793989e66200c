import { GIB } from "../../../lib/core/units";
import { NodeLab, network, zdb, zmachine, zmount } from "./node-lab";

const MOUNTS = { mounts: [{ name: "disk", mountpoint: "/data" }] };

describe("an update of workloads", () => {
  let lab: NodeLab;
  beforeEach(async () => {
    lab = await NodeLab.create();
  });
  afterEach(() => lab.node.close());

  it("grows a disk that no machine mounts", async () => {
    await lab.deploy(1, [zmount("disk", GIB)]);
    await lab.update(1, 1, [zmount("disk", 2 * GIB, 1)]);
    expect(await lab.history(1)).toEqual(["disk@0 init", "disk@0 ok", "disk@1 ok"]);
    expect(lab.ledger.getUsedResources(1)?.sru).toBe(2 * GIB);
  });

  it.each([
    ["shrinking a disk", [zmount("disk", 2 * GIB)], [zmount("disk", GIB, 1)], "not safe to shrink a disk"],
    [
      "growing a disk beyond its pool",
      [zmount("disk", GIB)],
      [zmount("disk", 3000 * GIB, 1)],
      "failed to truncate disk to size: no space left on device",
    ],
    ["shrinking a namespace", [zdb("db", 2 * GIB)], [zdb("db", GIB, {}, 1)], "cannot shrink zdb namespace"],
    ["another namespace mode", [zdb("db", GIB)], [zdb("db", GIB, { mode: "user" }, 1)], "cannot change namespace mode"],
    [
      "growing a namespace beyond its disk",
      [zdb("db", GIB)],
      [zdb("db", 9000 * GIB, {}, 1)],
      "no enough free space to support new size",
    ],
  ])("leaves things unchanged for %s: seen in changes, hidden by get", async (_what, before, after, message) => {
    const name = before[0]?.name ?? "";
    await lab.deploy(1, before);
    await lab.update(1, 1, after);
    expect(await lab.last(1, name)).toMatchObject({ state: "unchanged", message });
    const deployment = await lab.get(1);
    expect(deployment.version).toBe(1);
    expect(deployment.workloads[0]).toMatchObject({ version: 0, data: before[0]?.data, result: { state: "ok" } });
  });

  it("leaves a mounted disk unchanged until the machine is gone", async () => {
    await lab.deploy(1, [network(), zmount("disk", GIB), zmachine("vm", MOUNTS)]);
    await lab.update(1, 1, [network(), zmount("disk", 2 * GIB, 1), zmachine("vm", MOUNTS)]);
    const refused = { state: "unchanged", message: "disk is mounted, please delete the VM first" };
    expect(await lab.last(1, "disk")).toMatchObject(refused);
    await lab.update(1, 2, [network(), zmount("disk", 2 * GIB, 2)]);
    expect(await lab.last(1, "disk")).toMatchObject({ state: "ok" });
  });

  it("grows a volume, and puts a shrunk one in error", async () => {
    const volume = (size: number, version: number) => ({ name: "vol", type: "volume", version, data: { size } });
    await lab.deploy(1, [volume(GIB, 0)]);
    await lab.update(1, 1, [volume(2 * GIB, 1)]);
    expect(await lab.last(1, "vol")).toMatchObject({ state: "ok", data: { id: "7-1-vol" } });
    await lab.update(1, 2, [volume(GIB, 2)]);
    expect(await lab.last(1, "vol")).toMatchObject({
      state: "error",
      message: `cannot shrink volume to be less than provisioned space. old: ${2 * GIB}, requested: ${GIB}`,
    });
  });

  it("changes size, password and public flag of a namespace in place", async () => {
    await lab.deploy(1, [zdb("db", GIB)]);
    await lab.update(1, 1, [zdb("db", 2 * GIB, { password: "new", public: true }, 1)]);
    expect(await lab.last(1, "db")).toMatchObject({ state: "ok", data: { Namespace: "7-1-db", Port: 9900 } });
    expect((await lab.get(1)).workloads[0]?.data).toMatchObject({ password: "new" });
  });

  it("changes everything of a network, and frees the old port", async () => {
    await lab.deploy(1, [network()]);
    const peers = [{ subnet: "10.20.3.0/24", wireguard_public_key: "k", allowed_ips: ["10.20.3.0/24"], endpoint: "" }];
    await lab.update(1, 1, [network({ wireguard_listen_port: 7001, peers, mycelium: undefined }, 1)]);
    expect(await lab.last(1, "net")).toMatchObject({ state: "ok", data: null });
    expect(await lab.node.handle(7, "zos.network.list_wg_ports")).not.toContain(6835);
    await lab.deploy(2, [zmachine("vm", {}, { mycelium: { network: "net", hex_seed: "000002000002" } })]);
    const text = "could not set up tap device: network resource does not support mycelium";
    expect((await lab.last(2, "vm")).message).toBe(text);
  });

  it("ignores changed data under an old version, although it is in the hash", async () => {
    await lab.deploy(1, [zmount("disk", GIB)]);
    await lab.update(1, 1, [zmount("disk", 9 * GIB, 0)]);
    expect(await lab.history(1)).toEqual(["disk@0 init", "disk@0 ok"]);
    expect((await lab.get(1)).workloads[0]?.data).toEqual({ size: GIB });
  });

  it("removes first, in reverse type order, so that another machine can take the address", async () => {
    await lab.deploy(1, [network(), zmount("disk", GIB), zmachine("vm", MOUNTS)]);
    await lab.update(1, 1, [network(), zmachine("vm2", {}, {}, 1)]);
    expect((await lab.history(1)).slice(6)).toEqual(["vm@0 deleted", "disk@0 deleted", "vm2@1 init", "vm2@1 ok"]);
    expect((await lab.last(1, "vm")).message).toBe("deleted by an update");
  });

  it("rebuilds a machine under its old name in two updates, addresses and disk kept", async () => {
    const net = { planetary: true, mycelium: { network: "net", hex_seed: "000002000002" } };
    await lab.deploy(1, [network(), zmount("disk", GIB), zmachine("vm", MOUNTS, net)]);
    const before = await lab.last(1, "vm");
    await lab.update(1, 1, [network(), zmount("disk", GIB)]);
    expect((await lab.get(1)).workloads.map(({ name }) => name).sort()).toEqual(["disk", "net"]);
    await lab.update(1, 2, [network(), zmount("disk", GIB), zmachine("vm", { ...MOUNTS, entrypoint: "/new" }, net, 2)]);
    expect((await lab.history(1)).filter((line) => line.startsWith("vm"))).toEqual([
      "vm@0 init",
      "vm@0 ok",
      "vm@0 deleted",
      "vm@2 init",
      "vm@2 ok",
    ]);
    expect((await lab.last(1, "vm")).data).toEqual(before.data);
    expect((await lab.history(1)).filter((line) => line.startsWith("disk"))).toHaveLength(2);
  });

  it("refuses the second update while the first has not run, and then the first meets the wrong hash", async () => {
    await lab.deploy(1, [network(), zmachine("vm")]);
    lab.clock.isFrozen = true;
    const busy = lab.deployment(2, [zmount("disk", GIB)]);
    lab.register(busy);
    await lab.send("deploy", busy);
    await lab.clock.somebodySleeps();
    const without = lab.deployment(1, [network()], { version: 1 });
    lab.register(without);
    await lab.send("update", without);
    const again = lab.deployment(1, [network(), zmachine("vm", {}, {}, 2)], { version: 2 });
    const refusal = "workload 'zmachine' does not support upgrade: upgrade validation error";
    expect(await lab.refusal("update", again)).toBe(refusal);
    lab.register(again);
    lab.clock.thaw();
    await lab.node.idle();
    expect(await lab.last(1, "vm")).toMatchObject({ message: "contract hash does not match deployment hash" });
  });

  it("keeps a workload in error when it can't be removed, and removes it when asked again", async () => {
    await lab.deploy(1, [network(), zmachine("vm")]);
    lab.node.failNext({ workloadType: "zmachine", during: "remove", message: "could not clean up tap device" });
    await lab.update(1, 1, [network()]);
    expect(await lab.last(1, "vm")).toMatchObject({ state: "error", message: "could not clean up tap device" });
    expect((await lab.get(1)).workloads.map(({ name }) => name).sort()).toEqual(["net", "vm"]);
    await lab.update(1, 2, [network()]);
    expect((await lab.last(1, "vm")).state).toBe("deleted");
  });

  it("leaves no entry for an added network whose name is taken", async () => {
    await lab.deploy(1, [network()]);
    await lab.deploy(2, [zmount("disk", GIB)]);
    await lab.update(2, 1, [zmount("disk", GIB), network({}, 1)]);
    expect(await lab.history(2)).toEqual(["disk@0 init", "disk@0 ok"]);
  });

  it("adds a workload", async () => {
    await lab.deploy(1, [zmount("disk", GIB)]);
    await lab.update(1, 1, [zmount("disk", GIB), zdb("db", GIB, {}, 1)]);
    expect(await lab.history(1)).toEqual(["disk@0 init", "disk@0 ok", "db@1 init", "db@1 ok"]);
  });
});
