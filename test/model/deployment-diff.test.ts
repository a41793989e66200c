import type { Deployment } from "../../lib/model/deployment";
import { diffDeployments, refuseDeploymentUpdate, typesRefusedByEngine } from "../../lib/model/deployment-diff";
import { deploymentOf, machineJson, workloadJson } from "../support/deployments";

const disk = workloadJson("zmount", "disk", { size: 10 });
const machine = workloadJson("zmachine", "vm", machineJson());
const stored = deploymentOf([disk, machine]);

function update(...workloads: Parameters<typeof deploymentOf>[0]): Deployment {
  return deploymentOf(workloads, { version: 1 });
}

/** The steps as text. */
function steps(sent: Deployment, from = stored): string[] {
  const diff = diffDeployments(from, sent);
  if ("error" in diff) throw new Error(diff.error);
  return diff.ops.map(({ op, workload }) => `${op} ${workload.name} ${workload.version}`);
}

describe("what a node makes of an update", () => {
  it("is nothing while no workload carries the new version, even when data changed", () => {
    expect(steps(update({ ...disk, data: { size: 20 } }, machine))).toEqual([]);
  });

  it("is an update, an add and a remove, the removed one as it was stored", () => {
    const sent = update({ ...disk, version: 1 }, { ...disk, name: "more", version: 1 });
    expect(steps(sent)).toEqual(["update disk 1", "add more 1", "remove vm 0"]);
  });

  it("does not depend on the order of workloads", () => {
    expect(steps(update(machine, { ...disk, version: 1 }))).toEqual(["update disk 1"]);
  });

  it("removes all when nothing is listed", () => {
    expect(steps(update())).toEqual(["remove disk 0", "remove vm 0"]);
  });

  it.each<[string, Deployment, string]>([
    [
      "a new workload of an old version",
      update(disk, machine, { ...disk, name: "more" }),
      "invalid version number for workload 'more' expected '1'",
    ],
    [
      "another type under the same name",
      update({ ...disk, type: "volume" }, machine),
      "cannot change workload type 'disk'",
    ],
    ["the same version again", stored, "expecting deployment version 1, got 0"],
    ["another owner", { ...update(disk, machine), twin_id: 704 }, "cannot change deployment or twin id"],
    ["another contract", { ...update(disk, machine), contract_id: 1 }, "cannot change deployment or twin id"],
    [
      "a bad structure, which is looked at first",
      { ...update({ ...disk, data: {} }), twin_id: 1 },
      "new deployment is invalid: invalid size",
    ],
  ])("is a refusal of %s", (_, sent, error) => {
    expect(diffDeployments(stored, sent)).toEqual({ error });
    expect(refuseDeploymentUpdate(stored, sent)).toBe(`${error}: upgrade validation error`);
  });

  it("is a refusal of the whole when one type has no update", () => {
    const sent = update({ ...disk, version: 1, data: { size: 20 } }, { ...machine, version: 1 });
    const diff = diffDeployments(stored, sent);
    expect("ops" in diff && typesRefusedByEngine(diff.ops)).toEqual(["zmachine"]);
    expect(refuseDeploymentUpdate(stored, sent)).toBe(
      "workload 'zmachine' does not support upgrade: upgrade validation error",
    );
  });

  it("is accepted when such a type is only added and removed", () => {
    const sent = update(disk, { ...machine, name: "vm2", version: 1 });
    expect(steps(sent)).toEqual(["add vm2 1", "remove vm 0"]);
    expect(refuseDeploymentUpdate(stored, sent)).toBeUndefined();
  });

  it("counts versions on from what is stored, so that a name can come back in the next update", () => {
    const without = update(disk);
    const again = deploymentOf([disk, { ...machine, version: 2 }], { version: 2 });
    expect(steps(again, without)).toEqual(["add vm 2"]);
    expect(
      refuseDeploymentUpdate(stored, {
        ...again,
        version: 1,
        workloads: update(disk, { ...machine, version: 1 }).workloads,
      }),
    ).toMatch(/does not support upgrade/);
  });
});
