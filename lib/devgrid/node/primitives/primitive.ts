import type { NodeContract } from "../../../model/contract";
import type { AnyWorkload, Workload, WorkloadType } from "../../../model/workloads/workload";
import type { NodeRuntime } from "../runtime/node-runtime";

/** A workload with the node's last word about it, its arguments read. */
export interface CurrentWorkload {
  /** Arguments and result. */
  readonly workload: AnyWorkload;
  /** Workload id: `<twin>-<contract>-<name>`. */
  readonly id: string;
}

/** Where and for whom a primitive works. */
export interface Site {
  /** What runs on the node and lies on its disks. */
  readonly node: NodeRuntime;
  /** The owner. */
  readonly twinId: number;
  /** Undefined while taking things down. */
  readonly contract: NodeContract | undefined;
  /** True when someone rents the node. */
  readonly isRented: boolean;
  /** Workload id of the workload at hand. */
  readonly id: string;
  /** The last state of a workload of the same deployment; undefined when it has none of that name. */
  sibling(name: string): CurrentWorkload | undefined;
  /** The last state of every workload of the same deployment. */
  siblings(): readonly CurrentWorkload[];
}

/** The thing runs already: nothing was done and no history is written. */
export const NO_ACTION = Symbol("no action needed");

/** What a node does for one workload type. Refusals are thrown as NodeError. */
export interface Primitive<T extends WorkloadType> {
  /** Brings it up; gives what the deployer needs to use it. Doing it twice must not do harm. */
  provision(workload: Workload<T>, site: Site): unknown;
  /** Takes it down. */
  deprovision(workload: Workload<T>, site: Site): void;
  /** Changes it in place. Types without this can't be updated. */
  update?(workload: Workload<T>, site: Site): unknown;
}
