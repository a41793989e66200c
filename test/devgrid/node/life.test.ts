import { GIB } from "../../../lib/core/units";
import { NodeLab, network, zdb, zmachine, zmount } from "./node-lab";

const PLANETARY = { planetary: true };

describe("a node over time", () => {
  let lab: NodeLab;
  beforeEach(async () => {
    lab = await NodeLab.create();
  });
  afterEach(() => lab.node.close());

  async function states(contractId = 1): Promise<string[]> {
    return (await lab.get(contractId)).workloads.map(({ name, result }) => `${name} ${result.state}`).sort();
  }

  function setState(state: "Created" | "GracePeriod"): void {
    lab.ledger.contracts = lab.ledger.contracts.map((contract) => ({
      ...contract,
      state: state === "Created" ? { kind: state } : { kind: state, sinceBlock: 9 },
    }));
  }

  it("removes everything and forgets the history when the contract ends", async () => {
    await lab.deploy(1, [network(), zmount("disk", GIB), zdb("db", GIB), zmachine("vm")]);
    lab.ledger.end(1);
    await lab.node.idle();
    await expect(lab.get(1)).rejects.toThrow("deployment not found");
    await expect(lab.changes(1)).rejects.toThrow("deployment not found");
    expect(await lab.node.handle(7, "zos.deployment.list")).toEqual([]);
    const { used, system } = (await lab.node.handle(7, "zos.statistics.get")) as { used: unknown; system: unknown };
    expect(used).toEqual(system);
  });

  it("keeps a deployment whose removal failed", async () => {
    await lab.deploy(1, [zmount("disk", GIB)]);
    lab.node.failNext({ workloadType: "zmount", during: "remove", message: "disk is busy" });
    lab.ledger.end(1);
    await lab.node.idle();
    expect(await states()).toEqual(["disk error"]);
  });

  it("pauses what runs while the contract is in grace, keeps counting it, and lets it run on", async () => {
    await lab.deploy(1, [network(), zdb("db", GIB), zmount("bad", 9000 * GIB)]);
    lab.ledger.emit({ kind: "graceStarted", contractId: 1 });
    await lab.node.idle();
    expect(await states()).toEqual(["bad error", "db paused", "net paused"]);
    expect((await lab.last(1, "db")).data).toMatchObject({ Namespace: "7-1-db" });
    expect(lab.ledger.getUsedResources(1)?.hru).toBe(GIB);
    lab.ledger.emit({ kind: "graceEnded", contractId: 1 });
    await lab.node.idle();
    expect(await states()).toEqual(["bad error", "db ok", "net ok"]);
  });

  it("catches up with the chain after an absence", async () => {
    await lab.deploy(1, [zmount("disk", GIB)]);
    await lab.deploy(2, [zdb("db", GIB)]);
    lab.node.setOnline(false);
    await expect(lab.get(1)).rejects.toThrow("node is cut off");
    lab.ledger.end(1);
    setState("GracePeriod");
    lab.node.setOnline(true);
    await lab.node.idle();
    await expect(lab.get(1)).rejects.toThrow("deployment not found");
    expect(await states(2)).toEqual(["db paused"]);
    setState("Created");
    lab.node.reboot();
    await lab.node.idle();
    expect(await states(2)).toEqual(["db ok"]);
  });

  it("clears away within the hour what a late message has left for a contract that had ended", async () => {
    await lab.send("deploy", lab.deployment(1, [network()]));
    await lab.node.idle();
    expect(await states()).toEqual(["net error"]);
    lab.ledger.nowMs += 3_599_000;
    expect(await states()).toEqual(["net error"]);
    lab.ledger.nowMs += 1_000;
    await lab.get(1);
    await lab.node.idle();
    await expect(lab.get(1)).rejects.toThrow("deployment not found");
    await lab.deploy(2, [network()]);
    expect(await states(2)).toEqual(["net ok"]);
  });

  it("takes up an interrupted job again after an absence", async () => {
    lab.clock.isFrozen = true;
    const deployment = lab.deployment(1, [zmount("disk", GIB), zdb("db", GIB)]);
    lab.register(deployment);
    await lab.send("deploy", deployment);
    await lab.clock.somebodySleeps();
    lab.node.setOnline(false);
    await lab.node.idle();
    lab.clock.thaw();
    lab.node.setOnline(true);
    await lab.node.idle();
    expect(await states()).toEqual(["db ok", "disk ok"]);
    expect(lab.node.counters.jobs).toBe(1);
  });

  it("drops a deployment that was still at the door when it was cut off", async () => {
    lab.verified.clear();
    lab.clock.isFrozen = true;
    const answer = lab.refusal("deploy", lab.deployment(1, [zmount("disk", GIB)]));
    await lab.clock.somebodySleeps();
    lab.node.setOnline(false);
    expect(await answer).toBe("node is shutting down");
    lab.verified.add(7);
    lab.clock.thaw();
    lab.node.setOnline(true);
    await expect(lab.get(1)).rejects.toThrow("deployment not found");
  });

  it("sets everything up again after a reboot, same addresses, but what was in error stays so", async () => {
    await lab.deploy(1, [network(), zmount("disk", GIB), zmount("bad", 9000 * GIB), zmachine("vm", {}, PLANETARY)]);
    const before = await lab.last(1, "vm");
    lab.ledger.contracts = lab.ledger.contracts.map((contract) => ({ ...contract, deploymentHash: "0".repeat(32) }));
    lab.node.reboot();
    await lab.node.idle();
    expect((await lab.history(1)).slice(8)).toEqual(["disk@0 ok", "net@0 ok", "vm@0 ok"]);
    expect((await lab.last(1, "vm")).data).toEqual(before.data);
    expect(await states()).toEqual(["bad error", "disk ok", "net ok", "vm ok"]);
  });

  it("pauses again after a reboot what is still unpaid", async () => {
    await lab.deploy(1, [zdb("db", GIB)]);
    setState("GracePeriod");
    lab.ledger.emit({ kind: "graceStarted", contractId: 1 });
    await lab.node.idle();
    lab.node.reboot();
    await lab.node.idle();
    expect((await lab.history(1)).slice(1)).toEqual(["db@0 ok", "db@0 paused", "db@0 ok", "db@0 paused"]);
  });

  it("forgets everything when it is reinstalled, although the contract lives", async () => {
    await lab.deploy(1, [network(), zmount("disk", GIB)]);
    lab.node.reinstall();
    await expect(lab.get(1)).rejects.toThrow("deployment not found");
    await lab.deploy(2, [network()]);
    expect(await states(2)).toEqual(["net ok"]);
  });

  it("fails the next command or workload when told to, once", async () => {
    lab.node.failNext({ command: "zos.system.version", message: "boom" });
    await expect(lab.node.handle(7, "zos.system.version")).rejects.toThrow("boom");
    await expect(lab.node.handle(7, "zos.system.version")).resolves.toBeDefined();
    lab.node.failNext({ workloadType: "zmount", message: "disk on fire" });
    await lab.deploy(1, [zmount("a", 2 * GIB), zmount("b", GIB)]);
    expect(await lab.last(1, "a")).toMatchObject({ state: "error", message: "disk on fire" });
    expect((await lab.last(1, "b")).state).toBe("ok");
  });

  it("counts commands, jobs and writes", async () => {
    await lab.deploy(1, [zmount("disk", GIB)]);
    await lab.update(1, 1, [zmount("disk", 2 * GIB, 1)]);
    await lab.refusal("deploy", lab.deployment(1, [zmount("disk", GIB)]));
    await lab.get(1);
    expect(lab.node.counters).toEqual({
      jobs: 2,
      writes: 3,
      commands: { "zos.deployment.deploy": 2, "zos.deployment.update": 1, "zos.deployment.get": 1 },
    });
  });

  it("dates results by the time of the chain", async () => {
    lab.ledger.nowMs += 86_400_000;
    await lab.deploy(1, [zmount("disk", GIB)]);
    expect((await lab.last(1, "disk")).created).toBe(1_700_086_400);
  });
});

describe("a snapshot of a node", () => {
  it("goes through JSON and takes up where the other was, the job at work included", async () => {
    const lab = await NodeLab.create();
    await lab.deploy(1, [network(), zmachine("vm", {}, PLANETARY)]);
    lab.node.setEndpoint({ publicConfig: undefined });
    lab.node.failNext({ workloadType: "zdb", message: "later" });
    lab.clock.isFrozen = true;
    const waiting = lab.deployment(2, [zmount("disk", GIB), zdb("db", GIB)]);
    lab.register(waiting);
    await lab.send("deploy", waiting);
    await lab.clock.somebodySleeps();
    const snapshot = JSON.parse(JSON.stringify(lab.node.snapshot()));
    const before = await lab.changes(1);
    lab.node.close();
    lab.clock.thaw();

    const heir = lab.anotherNode();
    heir.restore(snapshot);
    await heir.idle();
    const ask = (command: string, payload?: unknown) => heir.handle(7, command, payload);
    expect(await ask("zos.deployment.changes", { contract_id: 1 })).toEqual(before);
    expect(await ask("zos.network.list_wg_ports")).toContain(6835);
    const results = (await ask("zos.deployment.get", { contract_id: 2 })) as Awaited<ReturnType<NodeLab["get"]>>;
    const states = results.workloads.map(({ name, result }) => `${name} ${result.state} ${result.message}`);
    expect(states.sort()).toEqual(["db error later", "disk ok "]);
    await expect(ask("zos.network.public_config_get")).rejects.toThrow("no public configuration");
    expect(heir.counters).toMatchObject({ jobs: 2, writes: 2 });
    heir.close();
  });

  it("stays cut off when the other was", async () => {
    const lab = await NodeLab.create();
    lab.node.setOnline(false);
    const heir = lab.anotherNode();
    heir.restore(lab.node.snapshot());
    expect(heir.isOnline).toBe(false);
    expect(heir.facts()).toMatchObject({ isOnline: false, isHealthy: false });
  });
});
