/**
 * What a node makes of an update: it compares what it stored with what was sent, by workload name and version alone.
 *
 * @source zosbase pkg/gridtypes/deployment.go Upgrade, pkg/provision/engine.go Update
 */
import { type Deployment, validateDeployment } from "./deployment";
import { unsupportedReason, updateSupport } from "./workloads/update-support";
import type { AnyWorkload, WorkloadType } from "./workloads/workload";

/** One step towards the sent deployment. */
export interface DeploymentOp {
  /** What happens to the workload. */
  readonly op: "add" | "update" | "remove";
  /** As sent; as stored when removed. */
  readonly workload: AnyWorkload;
}

/** The steps of an update, or why there are none. */
export type DeploymentDiff = { readonly ops: readonly DeploymentOp[] } | { readonly error: string };

/**
 * The steps the node derives from an update: adds and updates in the order sent, then removals in the order stored (it
 * runs removals first). Changed data under an old workload version is no step: the node ignores it silently.
 *
 * @returns `error` in the node's words, without its trailing `: upgrade validation error`
 */
export function diffDeployments(stored: Deployment, sent: Deployment): DeploymentDiff {
  const invalid = validateDeployment(sent);
  if (invalid) return { error: `new deployment is invalid: ${invalid}` };
  if (stored.twin_id !== sent.twin_id || stored.contract_id !== sent.contract_id) {
    return { error: "cannot change deployment or twin id" };
  }
  const version = stored.version + 1;
  if (sent.version !== version) return { error: `expecting deployment version ${version}, got ${sent.version}` };

  const left = new Map(stored.workloads.map((workload) => [workload.name, workload]));
  const ops: DeploymentOp[] = [];
  for (const workload of sent.workloads) {
    const older = left.get(workload.name);
    left.delete(workload.name);
    const problem = older ? changeProblem(older, workload) : addProblem(workload, version);
    if (problem) return { error: problem };
    if (workload.version === version) ops.push({ op: older ? "update" : "add", workload });
  }
  return { ops: [...ops, ...[...left.values()].map((workload) => ({ op: "remove" as const, workload }))] };
}

/** Types that these steps would update although they cannot be: one is enough for the node to refuse the whole update. */
export function typesRefusedByEngine(ops: readonly DeploymentOp[]): WorkloadType[] {
  const types = ops.filter(({ op }) => op === "update").map(({ workload }) => workload.type);
  return [...new Set(types.filter((type) => !updateSupport[type].inPlace))].sort();
}

/** The node's answer to an update before it queues it: undefined when accepted, else its whole text. */
export function refuseDeploymentUpdate(stored: Deployment, sent: Deployment): string | undefined {
  const diff = diffDeployments(stored, sent);
  if ("error" in diff) return upgradeError(diff.error);
  const unsupported = diff.ops.find(({ op, workload }) => op === "update" && !updateSupport[workload.type].inPlace);
  return unsupported && upgradeError(unsupportedReason(unsupported.workload.type));
}

function upgradeError(detail: string): string {
  return `${detail}: upgrade validation error`;
}

function changeProblem(older: AnyWorkload, newer: AnyWorkload): string | undefined {
  return older.type === newer.type ? undefined : `cannot change workload type '${newer.name}'`;
}

function addProblem(workload: AnyWorkload, version: number): string | undefined {
  if (workload.version === version) return undefined;
  return `invalid version number for workload '${workload.name}' expected '${version}'`;
}
