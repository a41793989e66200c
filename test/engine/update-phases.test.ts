import type { DeploymentTarget, WantedWorkload } from "../../lib/engine/deployment-target";
import { planUpdate } from "../../lib/engine/update-phases";
import { type Deployment, parseDeployment } from "../../lib/model/deployment";

const GIB = 1024 ** 3;

function disk(name: string, gib: number): WantedWorkload {
  return { name, type: "zmount", metadata: "", description: "", data: { size: gib * GIB } };
}

function machine(options: { cpu?: number; mounts?: string[]; publicIp?: string } = {}): WantedWorkload {
  return {
    name: "vm",
    type: "zmachine",
    metadata: "",
    description: "",
    data: {
      flist: "https://hub.grid.tf/a.flist",
      network: {
        public_ip: options.publicIp ?? "",
        planetary: false,
        interfaces: [{ network: "net", ip: "10.20.2.2" }],
      },
      size: 0,
      compute_capacity: { cpu: options.cpu ?? 1, memory: GIB },
      mounts: (options.mounts ?? []).map((name) => ({ name, mountpoint: `/${name}` })),
      entrypoint: "",
      env: {},
      corex: false,
    },
  };
}

function target(workloads: WantedWorkload[], description = ""): DeploymentTarget {
  return {
    title: "test",
    label: { type: "vm", name: "vm", projectName: "vm/vm" },
    lineage: "p.0",
    role: "virtual_machine/vm",
    nodeId: 1,
    publicIps: 0,
    metadata: "",
    description,
    workloads,
  };
}

/** What a node has, every workload ok unless said otherwise. */
function standing(workloads: WantedWorkload[], states: Record<string, string> = {}): Deployment {
  return parseDeployment({
    version: 3,
    twin_id: 7,
    contract_id: 5,
    workloads: workloads.map((workload, index) => ({
      ...workload,
      version: index === 0 ? 3 : 1,
      result: { created: 1, state: states[workload.name] ?? "ok", message: "", data: null },
    })),
  });
}

const names = (workloads: readonly { name: string }[]) => workloads.map(({ name }) => name);

describe("planning an update", () => {
  test("sends nothing when nothing differs, however the node spells it", () => {
    const plan = planUpdate(
      standing([disk("d", 10), machine({ mounts: ["d"] })]),
      target([disk("d", 10), machine({ mounts: ["d"] })]),
    );
    expect(plan).toEqual({ phases: [], rebuilt: [], loses: [] });
  });

  test("tells contents apart that the hashed text runs together", () => {
    const before = [{ ...machine(), data: { ...machine().data, env: { A: "1B=2" } } } as WantedWorkload];
    const after = [{ ...machine(), data: { ...machine().data, env: { A: "1", B: "2" } } } as WantedWorkload];
    expect(planUpdate(standing(before), target(after)).rebuilt).toEqual(["vm"]);
  });

  test("rebuilds a changed machine in two updates and leaves its disk alone", () => {
    const before = [disk("d", 10), machine({ mounts: ["d"] })];
    const plan = planUpdate(standing(before), target([disk("d", 10), machine({ mounts: ["d"], cpu: 2 })]));
    expect(plan.phases.map(({ version, removed }) => ({ version, removed }))).toEqual([
      { version: 4, removed: ["vm"] },
      { version: 5, removed: [] },
    ]);
    expect(plan.phases.map(({ workloads }) => names(workloads))).toEqual([["d"], ["d", "vm"]]);
    expect(plan.phases[1]?.workloads.map(({ version }) => version)).toEqual([3, 5]);
    expect(plan.loses).toEqual([]);
  });

  test("grows a mounted disk while its machine is away", () => {
    const before = [disk("d", 10), machine({ mounts: ["d"] })];
    const plan = planUpdate(standing(before), target([disk("d", 20), machine({ mounts: ["d"] })]));
    expect(plan.rebuilt).toEqual(["vm"]);
    expect(plan.phases[0]?.workloads.map(({ name, version }) => [name, version])).toEqual([["d", 4]]);
    expect(plan.phases[1]?.workloads.map(({ version }) => version)).toEqual([4, 5]);
  });

  test("grows a volume and a namespace in one update", () => {
    const volume = (gib: number): WantedWorkload => ({
      name: "v",
      type: "volume",
      metadata: "",
      description: "",
      data: { size: gib * GIB },
    });
    const plan = planUpdate(standing([volume(1)]), target([volume(2)]));
    expect(plan.phases).toHaveLength(1);
    expect(plan.rebuilt).toEqual([]);
  });

  test("says which data a removed or shrunk disk would lose", () => {
    const before = [disk("a", 10), disk("b", 10)];
    expect(planUpdate(standing(before), target([disk("a", 5)])).loses).toEqual([
      { name: "b", type: "zmount" },
      { name: "a", type: "zmount" },
    ]);
  });

  test("rebuilds the machine that uses a changed public address", () => {
    const ip = (v6: boolean): WantedWorkload => ({
      name: "ip",
      type: "ip",
      metadata: "",
      description: "",
      data: { v4: true, v6 },
    });
    const plan = planUpdate(
      standing([ip(false), machine({ publicIp: "ip" })]),
      target([ip(true), machine({ publicIp: "ip" })]),
    );
    expect(plan.rebuilt).toEqual(["ip", "vm"]);
    expect(names(plan.phases[0]?.workloads ?? [])).toEqual([]);
  });

  test("removes and adds again what is in error, although it is what was asked for", () => {
    const plan = planUpdate(standing([disk("d", 10), machine()], { vm: "error" }), target([disk("d", 10), machine()]));
    expect(plan.rebuilt).toEqual(["vm"]);
    expect(plan.phases).toHaveLength(2);
  });

  test("finishes a rebuild that stopped half way in one update", () => {
    const plan = planUpdate(standing([disk("d", 10)]), target([disk("d", 10), machine({ mounts: ["d"] })]));
    expect(plan.phases.map(({ version }) => version)).toEqual([4]);
    expect(plan.rebuilt).toEqual([]);
  });

  test("sends changed texts although no workload differs", () => {
    expect(planUpdate(standing([disk("d", 1)]), target([disk("d", 1)], "salt")).phases).toHaveLength(1);
  });
});
