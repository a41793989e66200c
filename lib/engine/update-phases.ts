import type { Deployment } from "../model/deployment";
import { type UpdateSupport, updateSupport } from "../model/workloads/update-support";
import { UNTOUCHED, type AnyWorkload as Workload } from "../model/workloads/workload";
import type { DeploymentTarget, WantedWorkload } from "./deployment-target";
import { workloadContent } from "./workload-content";

/** One update to be sent: the whole deployment at its next version. */
export interface UpdatePhase {
  /** Version of the deployment. */
  readonly version: number;
  /** Every workload that stays or comes, with its version. */
  readonly workloads: readonly Workload[];
  /** Workloads this phase removes on the way to bringing them back: the node must have let go before the next phase. */
  readonly removed: readonly string[];
}

/** A workload whose data a change would lose. */
export type LostWorkload = Pick<Workload, "name" | "type">;

/** How a deployment gets from what the node has to what is wanted. */
export interface UpdatePlan {
  /** Updates in order; empty when nothing differs, two when something is rebuilt. */
  readonly phases: readonly UpdatePhase[];
  /** Workloads removed and added again under the same name. */
  readonly rebuilt: readonly string[];
  /** Disks, namespaces and file systems whose data this would lose. */
  readonly loses: readonly LostWorkload[];
}

/**
 * Decides the updates between two contents of one deployment by the node's own update matrix. Pure: the plan and the
 * apply call the same function, so what was planned is what happens.
 */
export function planUpdate(current: Deployment, target: DeploymentTarget): UpdatePlan {
  const rebuilt = rebuiltNames(current.workloads, target.workloads);
  const wantedNames = new Set(target.workloads.map(({ name }) => name));
  const gone = current.workloads.filter(({ name }) => !wantedNames.has(name));
  const lost = current.workloads.filter(({ name, type }) => updateSupport[type].losesData && rebuilt.has(name));
  const hidden = current.workloads.filter((workload) => isHidden(workload, target.workloads));
  return {
    phases: phasesOf(current, target, rebuilt),
    rebuilt: [...rebuilt].filter((name) => current.workloads.some((workload) => workload.name === name)),
    loses: [...gone.filter(({ type }) => updateSupport[type].losesData), ...lost, ...hidden].map(({ name, type }) => ({
      name,
      type,
    })),
  };
}

/**
 * What a node may have been told at the version it shows and not have done yet: the steps to what is wanted, at that version.
 * A node takes a new version at once and its workloads one by one; what it lists meanwhile is neither the old nor the new.
 */
export function stepsUnderWay(current: Deployment, target: DeploymentTarget): UpdatePhase[] {
  const rebuilt = rebuiltNames(current.workloads, target.workloads);
  const { version } = current;
  return [target.workloads.filter(({ name }) => !rebuilt.has(name)), target.workloads].map((wanted) => {
    const workloads = versioned(current.workloads, wanted, version);
    const kept = new Set(workloads.map(({ name }) => name));
    return { version, workloads, removed: current.workloads.map(({ name }) => name).filter((name) => !kept.has(name)) };
  });
}

/** Once without what is rebuilt, once with everything; a step that changes nothing is not sent. */
function phasesOf(current: Deployment, target: DeploymentTarget, rebuilt: ReadonlySet<string>): UpdatePhase[] {
  const phases: UpdatePhase[] = [];
  let before: { readonly version: number; readonly workloads: readonly Workload[] } = current;
  let textsDiffer = current.metadata !== target.metadata || current.description !== target.description;
  for (const wanted of [target.workloads.filter(({ name }) => !rebuilt.has(name)), target.workloads]) {
    const version = before.version + 1;
    const workloads = versioned(before.workloads, wanted, version);
    if (!textsDiffer && sameSet(before.workloads, workloads, version)) continue;
    const kept = new Set(workloads.map(({ name }) => name));
    const removed = before.workloads.map(({ name }) => name).filter((name) => !kept.has(name) && rebuilt.has(name));
    phases.push({ version, workloads, removed });
    before = { version, workloads };
    textsDiffer = false;
  }
  return phases;
}

/** True when no workload is new, changed or missing. */
function sameSet(before: readonly Workload[], after: readonly Workload[], version: number): boolean {
  return before.length === after.length && after.every((workload) => workload.version !== version);
}

function versioned(before: readonly Workload[], wanted: readonly WantedWorkload[], version: number): Workload[] {
  const byName = new Map(before.map((workload) => [workload.name, workload]));
  return wanted.map((workload) => {
    const old = byName.get(workload.name);
    const kept = old !== undefined && workloadContent(old) === workloadContent(workload);
    return { ...workload, version: kept ? old.version : version, result: UNTOUCHED };
  });
}

/** Names that have to leave before they can come back, and whatever refers to them. */
function rebuiltNames(current: readonly Workload[], wanted: readonly WantedWorkload[]): ReadonlySet<string> {
  const rebuilt = new Set<string>();
  const changedDisks = new Set<string>();
  const byName = new Map(current.map((workload) => [workload.name, workload]));
  for (const workload of wanted) {
    const old = byName.get(workload.name);
    if (!old) continue;
    const differs = workloadContent(old) !== workloadContent(workload);
    if (isBroken(old) || (differs && !canUpdateInPlace(old, workload))) rebuilt.add(workload.name);
    else if (differs && workload.type === "zmount") changedDisks.add(workload.name);
  }
  spread(wanted, byName, { rebuilt, changedDisks });
  return rebuilt;
}

/** Adds, until nothing changes, what mounts a changed disk or refers to a rebuilt workload. */
function spread(
  wanted: readonly WantedWorkload[],
  byName: ReadonlyMap<string, Workload>,
  sets: { readonly rebuilt: Set<string>; readonly changedDisks: ReadonlySet<string> },
): void {
  let grew = true;
  while (grew) {
    grew = false;
    for (const workload of wanted) {
      if (sets.rebuilt.has(workload.name)) continue;
      const touched = [...referencesOf(workload), ...referencesOf(byName.get(workload.name))];
      if (!touched.some((name) => sets.rebuilt.has(name) || sets.changedDisks.has(name))) continue;
      sets.rebuilt.add(workload.name);
      grew = true;
    }
  }
}

/** Judged by the node's own table: mounts do not count here, because a machine that mounts a changed disk is rebuilt. */
function canUpdateInPlace(before: WantedWorkload, after: WantedWorkload): boolean {
  if (before.type !== after.type) return false;
  const { inPlace, refuse }: UpdateSupport = updateSupport[before.type];
  return inPlace && refuse(before.data, after.data) === undefined;
}

/** True when what is stored in a workload cannot be read after its update. */
function isHidden(before: Workload, wanted: readonly WantedWorkload[]): boolean {
  const after = wanted.find(({ name, type }) => name === before.name && type === before.type);
  const { hides }: UpdateSupport = updateSupport[before.type];
  return after !== undefined && hides?.(before.data, after.data) === true;
}

function isBroken(workload: Workload): boolean {
  return workload.result?.state === "error" || workload.result?.state === "deleted";
}

/** Names of workloads of the same deployment that this one cannot do without. */
function referencesOf(workload: WantedWorkload | undefined): string[] {
  if (!workload) return [];
  const data: Readonly<Record<string, unknown>> = { ...workload.data };
  if (workload.type === "zlogs") return typeof data.zmachine === "string" ? [data.zmachine] : [];
  if (workload.type !== "zmachine" && workload.type !== "zmachine-light") return [];
  const mounts = Array.isArray(data.mounts) ? data.mounts : [];
  const network = isRecord(data.network) ? data.network : {};
  return [...mounts.map((mount) => (isRecord(mount) ? String(mount.name) : "")), String(network.public_ip ?? "")];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
