import { GIB } from "../../../lib/core/units";
import { nodeContract, rentContract } from "../../support/plain-ledger";
import { NodeLab, network, zdb, zmachine, zmount } from "./node-lab";

const DISK = zmount("disk", GIB);

describe("the contract check of a job", () => {
  let lab: NodeLab;
  beforeEach(async () => {
    lab = await NodeLab.create();
  });
  afterEach(() => lab.node.close());

  async function outcome(): Promise<string> {
    await lab.node.idle();
    const { state, message } = await lab.last(1, "disk");
    return `${state}: ${message}`;
  }

  it("heals a lag of up to 5 seconds on a create", async () => {
    const deployment = lab.deployment(1, [DISK]);
    lab.clock.isFrozen = true;
    await lab.send("deploy", deployment);
    await lab.clock.somebodySleeps();
    lab.register(deployment);
    lab.clock.thaw();
    expect(await outcome()).toBe("ok: ");
  });

  it("gives up after 5 seconds and burns the contract id", async () => {
    const deployment = lab.deployment(1, [DISK]);
    await lab.send("deploy", deployment);
    expect(await outcome()).toBe("error: failed to get deployment contract: object not found");
    expect(lab.clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(5_000);
    lab.register(deployment);
    expect(await lab.refusal("deploy", deployment)).toBe("exists");
  });

  it("fails for a contract that is not of a node", async () => {
    lab.ledger.contracts.push(rentContract(1, 1, 7));
    await lab.send("deploy", lab.deployment(1, [DISK]));
    expect(await outcome()).toBe("error: invalid contract type, expecting node contract");
  });

  it("fails for a contract of another node", async () => {
    const deployment = lab.deployment(1, [DISK]);
    lab.register(deployment, { nodeId: 2 });
    await lab.send("deploy", deployment);
    expect(await outcome()).toBe("error: invalid node address in contract");
  });

  it("marks every workload when the hash differs, without asking again", async () => {
    lab.ledger.contracts.push(nodeContract(1, 1));
    await lab.send("deploy", lab.deployment(1, [DISK, zdb("db", GIB)]));
    expect(await outcome()).toBe("error: contract hash does not match deployment hash");
    expect((await lab.last(1, "db")).state).toBe("error");
    expect(lab.clock.slept).toEqual([]);
    expect(lab.ledger.used.size).toBe(0);
  });

  it("marks everything, disks included, when an update comes before its hash, and the mark stays", async () => {
    await lab.deploy(1, [network(), DISK, zmachine("vm", { mounts: [{ name: "disk", mountpoint: "/data" }] })]);
    await lab.send("update", lab.deployment(1, [network(), DISK], { version: 1 }));
    await lab.node.idle();
    const states = (await lab.get(1)).workloads.map(({ name, result }) => `${name} ${result.state}`).sort();
    expect(states).toEqual(["disk error", "net error", "vm error"]);

    await lab.update(1, 2, [network({}, 2), zmount("disk", GIB, 2)]);
    expect(await lab.last(1, "disk")).toMatchObject({ state: "error" });
    await lab.update(1, 3, [
      network({}, 2),
      zmount("disk", GIB, 2),
      zmachine("vm2", { mounts: [{ name: "disk", mountpoint: "/data" }] }, {}, 3),
    ]);
    expect(await lab.last(1, "vm2")).toMatchObject({ state: "error", message: "invalid disk 'disk' state" });
  });
});

describe("provisioning", () => {
  let lab: NodeLab;
  beforeEach(async () => {
    lab = await NodeLab.create();
  });
  afterEach(() => lab.node.close());

  it("brings types up in order, whatever the order sent, and the biggest disks first", async () => {
    const workloads = [
      { name: "logs", type: "zlogs", data: { zmachine: "vm", output: "redis://10.20.2.9:6379" } },
      zmachine("vm", { mounts: [{ name: "small", mountpoint: "/s" }] }, { public_ip: "pub" }),
      { name: "pub", type: "ip", data: { v4: false, v6: true } },
      network(),
      { name: "vol", type: "volume", data: { size: GIB } },
      zmount("small", GIB),
      zmount("big", 5 * GIB),
      zdb("db", GIB),
    ];
    await lab.deploy(1, workloads);
    const done = (await lab.changes(1)).filter((change) => change.result.state === "ok").map((change) => change.name);
    expect(done).toEqual(["big", "small", "vol", "net", "pub", "vm", "logs", "db"]);
  });

  it("goes on after a failure, so that success may be partial", async () => {
    await lab.deploy(1, [zmount("huge", 100_000 * GIB), DISK]);
    expect(await lab.last(1, "disk")).toMatchObject({ state: "ok", data: { volume_id: "7-1-disk" } });
    expect(await lab.last(1, "huge")).toMatchObject({ state: "error", data: null });
  });

  it("reports what runs after each job", async () => {
    await lab.deploy(1, [network(), DISK, zdb("db", 3 * GIB), zmachine("vm")]);
    expect(lab.ledger.getUsedResources(1)).toEqual({
      cru: 1,
      mru: GIB,
      sru: GIB + 500 * 1024 ** 2,
      hru: 3 * GIB,
    });
    await lab.update(1, 1, [network(), DISK, zdb("db", 3 * GIB)]);
    expect(lab.ledger.getUsedResources(1)).toEqual({ cru: 0, mru: 0, sru: GIB, hru: 3 * GIB });
  });

  it("does one job at a time, other users' first when they came first", async () => {
    lab.clock.isFrozen = true;
    const mine = lab.deployment(1, [DISK]);
    const theirs = lab.deployment(2, [DISK], { twin_id: 8 });
    lab.register(mine);
    lab.register(theirs);
    await lab.send("deploy", theirs, 8);
    await lab.send("deploy", mine);
    await lab.clock.somebodySleeps();
    expect((await lab.last(1, "disk")).state).toBe("init");
    lab.clock.thaw();
    await lab.node.idle();
    expect((await lab.last(1, "disk")).state).toBe("ok");
    expect(lab.node.counters).toEqual({ jobs: 2, writes: 2, commands: expect.anything() });
  });

  it("never lends memory twice, the node's own tenth included, and never looks at cores", async () => {
    const size = (gib: number) => ({ compute_capacity: { cpu: 32, memory: gib * GIB } });
    const nic = (last: number) => ({ interfaces: [{ network: "net", ip: `10.20.2.${last}` }] });
    await lab.deploy(1, [network(), zmachine("a", size(200), nic(2)), zmachine("b", size(31), nic(3))]);
    const usable = Math.ceil(256 * GIB * 0.9) - 200 * GIB;
    const detail = `cannot fulfil required memory size ${31 * GIB} bytes out of usable ${usable} bytes`;
    expect(await lab.last(1, "b")).toMatchObject({ message: `failed to satisfy required capacity: ${detail}` });
    await lab.deploy(2, [zmachine("c", size(30), nic(4))]);
    expect((await lab.last(2, "c")).state).toBe("ok");
  });

  it("counts memory that something else uses once that exceeds the reserve", async () => {
    lab.node.addUsage({ mru: 255.5 * GIB });
    await lab.deploy(1, [network(), zmachine("vm")]);
    expect((await lab.last(1, "vm")).message).toContain(`out of usable ${GIB / 2} bytes`);
  });
});
