/**
 * What the node can change while it runs, per type: encoded once, used by the plan, the engine and devgrid alike.
 *
 * @source zosbase pkg/primitives: the managers that have an Update, and what each refuses
 */
import type { Qsfs } from "./qsfs";
import type { AnyWorkload, DataOf, Workload, WorkloadType } from "./workload";

/** Why a change in place comes to nothing. */
export interface UpdateRefusal {
  /** In the node's words. */
  readonly reason: string;
  /** `unchanged`: what ran before still runs. `error`: the workload needs to be removed and added again. */
  readonly state: "unchanged" | "error";
}

/** How one type takes an update. */
export interface UpdateSupport<T extends WorkloadType = WorkloadType> {
  /** False: the node refuses the whole update; remove the workload and add it again. */
  readonly inPlace: boolean;
  /** Whether removing and adding it again loses what the user stored in it. */
  readonly losesData: boolean;
  /** True when the node takes an update after which nobody can read what was stored. @default never */
  hides?(before: DataOf<T>, after: DataOf<T>): boolean;
  /** Judges one change from the two sets of arguments alone. */
  refuse(before: DataOf<T>, after: DataOf<T>): UpdateRefusal | undefined;
}

const never = { inPlace: false, losesData: false, refuse: () => undefined };
const always = { inPlace: true, losesData: false, refuse: () => undefined };

/** The table. Machines lose their root file system when rebuilt; their disks, volumes and addresses are other workloads. */
export const updateSupport: { readonly [T in WorkloadType]: UpdateSupport<T> } = {
  zmachine: never,
  "zmachine-light": never,
  zmount: {
    inPlace: true,
    losesData: true,
    refuse: (before, after) =>
      after.size < before.size ? { reason: "not safe to shrink a disk", state: "unchanged" } : undefined,
  },
  volume: {
    inPlace: true,
    losesData: true,
    refuse: (before, after) => (after.size < before.size ? volumeShrunk(before.size, after.size) : undefined),
  },
  network: always,
  "network-light": always,
  zdb: {
    inPlace: true,
    losesData: true,
    refuse: (before, after) => {
      if (after.mode !== before.mode) return { reason: "cannot change namespace mode", state: "unchanged" };
      return after.size < before.size ? { reason: "cannot shrink zdb namespace", state: "unchanged" } : undefined;
    },
  },
  ip: never,
  ipv4: never,
  "gateway-name-proxy": never,
  "gateway-fqdn-proxy": never,
  // Data lives in the namespaces behind it; a rebuild flushes the cache first. The node takes another key and cannot know
  // that the data was written under the former.
  qsfs: { ...always, hides: (before, after) => keysOf(before) !== keysOf(after) },
  zlogs: never,
};

/**
 * Judges an update of one workload as its manager would: the table, and for a disk whether a running full machine of
 * the deployment mounts it. Volumes and light machines are not covered by that check.
 *
 * @param siblings the deployment's workloads with the results the node gave them
 */
export function refuseUpdate<T extends WorkloadType>(
  before: Workload<T>,
  after: Workload<T>,
  siblings: readonly AnyWorkload[],
): UpdateRefusal | undefined {
  const support = updateSupport[before.type];
  if (!support.inPlace) return { reason: unsupportedReason(before.type), state: "unchanged" };
  const refusal = support.refuse(before.data, after.data);
  if (refusal) return refusal;
  const isResized = before.type === "zmount" && sizeOf(before) !== sizeOf(after);
  return isResized && isMounted(before.name, siblings)
    ? { reason: "disk is mounted, please delete the VM first", state: "unchanged" }
    : undefined;
}

function keysOf({ config }: Qsfs): string {
  return `${config.encryption.key} ${config.meta.config.encryption.key}`.toLowerCase();
}

/** The node's words about a type that has no update. */
export function unsupportedReason(type: WorkloadType): string {
  return `workload '${type}' does not support upgrade`;
}

function volumeShrunk(before: number, after: number): UpdateRefusal {
  return {
    reason: `cannot shrink volume to be less than provisioned space. old: ${before}, requested: ${after}`,
    state: "error",
  };
}

function sizeOf(workload: Workload): number | undefined {
  return "size" in workload.data ? workload.data.size : undefined;
}

function isMounted(disk: string, workloads: readonly AnyWorkload[]): boolean {
  return workloads.some(
    (each) =>
      each.type === "zmachine" &&
      (each.result.state === "ok" || each.result.state === "paused") &&
      each.data.mounts.some(({ name }) => name === disk),
  );
}
