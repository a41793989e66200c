import type { Clock } from "../../../core/clock";
import type { Log } from "../../../core/log";
import type { Ledger } from "../../ledger";
import type { NodeRuntime } from "../runtime/node-runtime";
import type { DeploymentStore } from "./deployment-store";
import type { FaultList } from "./faults";

/** What the parts of one node share. A reboot puts another runtime in, a reinstallation another store too. */
export interface NodeParts {
  /** Its number on the chain. */
  readonly nodeId: number;
  /** The chain. */
  readonly ledger: Ledger;
  /** Paces jobs and waits. */
  readonly clock: Clock;
  /** Where oddities are told. */
  readonly log: Log;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Failures that wait for their moment. */
  faults: FaultList;
  /** Its deployments. */
  store: DeploymentStore;
  /** What runs, and what lies on the disks. */
  runtime: NodeRuntime;
}

/** The time that results carry: Unix seconds of the chain, so that time travel moves it. */
export function nodeTime({ ledger }: Pick<NodeParts, "ledger">): number {
  return Math.floor(ledger.now() / 1000);
}
