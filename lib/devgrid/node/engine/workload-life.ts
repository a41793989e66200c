import { messageOf } from "../../../core/errors";
import type { NodeContract } from "../../../model/contract";
import { parseWorkload } from "../../../model/deployment";
import { workloadCapacity } from "../../../model/workloads/registry";
import type { AnyWorkload, Workload, WorkloadType } from "../../../model/workloads/workload";
import { NodeError, UnchangedError } from "../node-error";
import { type CurrentWorkload, NO_ACTION, type Primitive, type Site } from "../primitives/primitive";
import { primitiveOf } from "../primitives/primitives";
import {
  currentOf,
  currentsOf,
  type DeploymentRecord,
  remove,
  type SentWorkload,
  type StoredResult,
  type StoredWorkload,
  transact,
  workloadId,
} from "./deployment-store";
import { requireMemory } from "./node-capacity";
import { type NodeParts, nodeTime } from "./node-parts";

/** The deployment that a job works on, and what the chain says about it. */
export interface JobSite {
  /** The deployment. */
  readonly record: DeploymentRecord;
  /** Undefined when the job doesn't need it. */
  readonly contract: NodeContract | undefined;
  /** Whether anyone rents the node. */
  readonly isRented: boolean;
}

/**
 * Brings a workload up and writes how that went. One that failed or was deleted before is not tried again.
 *
 * @throws {NodeError} when it can't even be noted down: nothing is written then
 */
export function installWorkload(parts: NodeParts, site: JobSite, sent: SentWorkload): void {
  const { record } = site;
  const current = currentOf(record, sent.name);
  if (!current) parts.store.add(record, sent, nodeTime(parts));
  else if (["deleted", "error"].includes(current.result.state)) return;
  const result = attempt(parts, () => {
    parts.faults.checkWorkload(sent.type, "provision");
    const workload = parseWorkload(sent, sent.name);
    const at = siteOf(parts, site, sent.name);
    requireMemory(workloadCapacity(workload), at.id, parts.runtime, parts.store);
    return provision(workload, at);
  });
  if (result) transact(record, sent, result);
}

/** Changes a workload in place. When there is nothing to do the last result, even an error, counts for the new version. */
export function updateWorkload(parts: NodeParts, site: JobSite, sent: SentWorkload): void {
  const result = attempt(parts, () => {
    parts.faults.checkWorkload(sent.type, "update");
    return update(parseWorkload(sent, sent.name), siteOf(parts, site, sent.name));
  });
  const last = result ?? currentOf(site.record, sent.name)?.result;
  if (last) transact(site.record, sent, last);
}

/** Takes a workload down; true when it is gone. One that can't be taken down stays, in error. */
export function uninstallWorkload(parts: NodeParts, site: JobSite, name: string, reason: string): boolean {
  const { record } = site;
  const current = currentOf(record, name);
  if (!current) return true;
  const failure = attempt(parts, () => {
    parts.faults.checkWorkload(current.type, "remove");
    deprovision(parseWorkload(current, name), siteOf(parts, site, name));
    return NO_ACTION;
  });
  const created = nodeTime(parts);
  transact(record, current, failure ?? { created, state: "deleted", message: reason, data: null });
  if (failure) return false;
  remove(record, name);
  return true;
}

/** Suspends a workload that runs, or lets a suspended one run on. */
export function lockWorkload(parts: NodeParts, record: DeploymentRecord, name: string, pause: boolean): void {
  const current = currentOf(record, name);
  if (current?.result.state !== (pause ? "ok" : "paused")) return;
  const changed = { created: nodeTime(parts), ...(pause ? PAUSED : RUNNING) };
  transact(record, current, { ...current.result, ...changed });
}

const PAUSED = { state: "paused", message: "paused" } as const;
const RUNNING = { state: "ok", message: "" } as const;

/** The result of doing something; undefined when there was nothing to do. */
function attempt(parts: NodeParts, step: () => unknown): StoredResult | undefined {
  const created = nodeTime(parts);
  try {
    const data = step();
    return data === NO_ACTION ? undefined : { created, state: "ok", message: "", data };
  } catch (error) {
    if (!(error instanceof NodeError))
      parts.log("error", "a workload failed unexpectedly", { error: messageOf(error) });
    const state = error instanceof UnchangedError ? "unchanged" : "error";
    return { created, state, message: messageOf(error), data: null };
  }
}

function provision<T extends WorkloadType>(workload: Workload<T>, site: Site): unknown {
  return requirePrimitive(workload, site).provision(workload, site);
}

function deprovision<T extends WorkloadType>(workload: Workload<T>, site: Site): void {
  // What this kind of node could never bring up needs no taking down.
  primitiveOf(workload.type, site.node.surroundings.hardware)?.deprovision(workload, site);
}

function update<T extends WorkloadType>(workload: Workload<T>, site: Site): unknown {
  const primitive = requirePrimitive(workload, site);
  if (!primitive.update) throw new NodeError("can not update this workload type");
  return primitive.update(workload, site);
}

function requirePrimitive<T extends WorkloadType>(workload: Workload<T>, site: Site): Primitive<T> {
  const primitive = primitiveOf(workload.type, site.node.surroundings.hardware);
  if (primitive) return primitive;
  throw new NodeError(`unknown workload type '${workload.type}' for reservation id '${site.id}'`);
}

function siteOf(parts: NodeParts, { record, contract, isRented }: JobSite, name: string): Site {
  const read = (entry: StoredWorkload): CurrentWorkload => ({
    workload: asWorkload(entry),
    id: workloadId(record, entry.name),
  });
  return {
    node: parts.runtime,
    twinId: record.twinId,
    contract,
    isRented,
    id: workloadId(record, name),
    sibling: (sibling) => {
      const entry = currentOf(record, sibling);
      return entry && read(entry);
    },
    siblings: () => currentsOf(record).map(read),
  };
}

function asWorkload(entry: StoredWorkload): AnyWorkload {
  return parseWorkload(entry, entry.name);
}
