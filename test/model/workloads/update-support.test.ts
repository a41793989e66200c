import { workloadModels } from "../../../lib/model/workloads/registry";
import { refuseUpdate, updateSupport } from "../../../lib/model/workloads/update-support";
import type { AnyWorkload } from "../../../lib/model/workloads/workload";
import { deploymentOf, machineJson, workloadJson } from "../../support/deployments";

function workload(type: string, data: unknown, state = "ok"): AnyWorkload {
  const [read] = deploymentOf([workloadJson(type, "w", data, { result: { created: 1, state } })]).workloads;
  if (!read) throw new Error("nothing was read");
  return read;
}

/** Judges a change of arguments among these other workloads. */
function refusal(
  type: "zmount" | "volume" | "zdb",
  before: unknown,
  after: unknown,
  others: readonly AnyWorkload[] = [],
) {
  const [older, newer] = [workload(type, before), workload(type, after)];
  return refuseUpdate(older, newer, [older, ...others]);
}

function mounting(type: string, state: string): AnyWorkload {
  return workload(type, machineJson({ mounts: [{ name: "w", mountpoint: "/d" }] }), state);
}

describe("changing a workload while it runs", () => {
  it("is possible for exactly these types", () => {
    const types = Object.entries(updateSupport).filter(([, { inPlace }]) => inPlace);
    expect(types.map(([type]) => type).sort()).toEqual(["network", "network-light", "qsfs", "volume", "zdb", "zmount"]);
    expect(Object.keys(updateSupport).sort()).toEqual(Object.keys(workloadModels).sort());
  });

  it("lets a disk grow only", () => {
    expect(refusal("zmount", { size: 2 }, { size: 3 })).toBeUndefined();
    expect(refusal("zmount", { size: 2 }, { size: 1 })).toEqual({
      reason: "not safe to shrink a disk",
      state: "unchanged",
    });
  });

  it.each([
    ["zmachine", "ok", true],
    ["zmachine", "paused", true],
    ["zmachine", "error", false],
    ["zmachine", "deleted", false],
    ["zmachine-light", "ok", false],
  ])("keeps a disk from growing under a %s in state %s: %s", (type, state, isRefused) => {
    const mounted = { reason: "disk is mounted, please delete the VM first", state: "unchanged" };
    expect(refusal("zmount", { size: 2 }, { size: 3 }, [mounting(type, state)])).toEqual(
      isRefused ? mounted : undefined,
    );
    expect(refusal("zmount", { size: 2 }, { size: 2 }, [mounting(type, state)])).toBeUndefined();
    expect(refusal("volume", { size: 2 }, { size: 3 }, [mounting(type, state)])).toBeUndefined();
  });

  it("puts a volume that shrinks into error", () => {
    const reason = "cannot shrink volume to be less than provisioned space. old: 2, requested: 1";
    expect(refusal("volume", { size: 2 }, { size: 1 })).toEqual({ reason, state: "error" });
  });

  it("lets a namespace grow and change password and visibility, but not its mode", () => {
    const before = { size: 2, mode: "user", password: "a", public: false };
    expect(refusal("zdb", before, { size: 3, mode: "user", password: "b", public: true })).toBeUndefined();
    expect(refusal("zdb", before, { ...before, size: 1 })).toEqual({
      reason: "cannot shrink zdb namespace",
      state: "unchanged",
    });
    expect(refusal("zdb", before, { ...before, size: 1, mode: "seq" })?.reason).toBe("cannot change namespace mode");
  });

  it("leaves what a file system holds unreadable only when a key of it changes", () => {
    const hides = (change: object) => {
      const config = { encryption: { key: "00ff" }, meta: { config: { encryption: { key: "00ff" } } } };
      const [before, after] = [{ config }, { config: { ...config, ...change } }].map((data) => workload("qsfs", data));
      if (before?.type !== "qsfs" || after?.type !== "qsfs") throw new Error("no file systems");
      return updateSupport.qsfs.hides?.(before.data, after.data);
    };
    expect(hides({ expected_shards: 4 })).toBe(false);
    expect(hides({ encryption: { key: "00FF" } })).toBe(false);
    expect(hides({ encryption: { key: "ff00" } })).toBe(true);
    expect(hides({ meta: { config: { encryption: { key: "ff00" } } } })).toBe(true);
  });

  it("is refused for machines whatever changes", () => {
    const machine = workload("zmachine", machineJson());
    expect(refuseUpdate(machine, machine, [machine])?.reason).toBe("workload 'zmachine' does not support upgrade");
  });
});
