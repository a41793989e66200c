import type { DeploymentRecord } from "./engine/deployment-store";
import type { NodeFault } from "./engine/faults";
import type { Job } from "./engine/provision-engine";
import type { NodeHardware } from "./hardware";
import type { RuntimeState } from "./runtime/node-runtime";

/** The part of a node's hardware that its farmer can change. */
export type NodeEndpoint = Pick<NodeHardware, "publicConfig" | "interfaces">;

/** What was served so far, counted where it is served. */
export interface NodeCounters {
  /** Jobs done. */
  readonly jobs: number;
  /** Commands received, by name. */
  readonly commands: Readonly<Record<string, number>>;
  /** Deployments received, new and updated. */
  readonly writes: number;
}

/** Everything a node knows, as plain JSON. */
export interface NodeSnapshot {
  /** With their whole history. */
  readonly deployments: readonly DeploymentRecord[];
  /** What runs, and what lies on the disks. */
  readonly runtime: RuntimeState;
  /** Not done yet, the next one first. */
  readonly jobs: readonly Job[];
  /** Failures that wait for their moment. */
  readonly faults: readonly NodeFault[];
  /** Where it can be reached now. */
  readonly endpoint: NodeEndpoint;
  /** False while it is cut off. */
  readonly isOnline: boolean;
  /** What was served so far. */
  readonly counters: NodeCounters;
}
