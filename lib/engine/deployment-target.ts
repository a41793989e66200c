import type { Deployment } from "../model/deployment";
import type { SolutionLabel } from "../model/deployment-data";
import type { AnyWorkload } from "../model/workloads/workload";

/** A workload as wanted; the engine gives it its version. */
export type WantedWorkload = Wanted<AnyWorkload>;

/** Each type of workload keeps its own shape of data. */
type Wanted<W> = W extends AnyWorkload ? Omit<W, "version" | "result"> : never;

/** One deployment as wanted: what runs on which node, under whose stamp. */
export interface DeploymentTarget {
  /** The user's word for it in messages: `virtual machine web`. */
  readonly title: string;
  /** What dashboards show. */
  readonly label: SolutionLabel;
  /** Project it belongs to. */
  readonly lineage: string;
  /** What it is for in that project: `virtual_machine/web`. */
  readonly role: string;
  /** Where it runs. */
  readonly nodeId: number;
  /** Public IPv4 reserved with the contract; fixed at creation. */
  readonly publicIps: number;
  /** Hashed text for other clients. */
  readonly metadata: string;
  /** Hashed text; carries the derived salt, so that no guess of a password can be tested against the public hash. */
  readonly description: string;
  /** What runs, in the order that is hashed. */
  readonly workloads: readonly WantedWorkload[];
  /** A gateway name that is reserved and freed together with it. @default none */
  readonly reservation?: Reservation;
  /** Lets an update drop or re-create disks and namespaces. @default false */
  readonly allowDataLoss?: boolean;
}

/** A name on the whole network, held by a contract of its own. */
export interface Reservation {
  /** The name. */
  readonly name: string;
  /** The contract that the plan counts on; undefined when it may be any, or made. */
  readonly plannedId?: number;
  /** The contract that state knows of. */
  readonly knownId?: number;
}

/** What state remembers of a deployment. The chain's word beats it. */
export interface DeploymentRecord {
  /** The node contract. */
  readonly contractId: number;
  /** Token of the stamp this state wrote. */
  readonly token: string;
  /** Hash on the chain. State keeps the last one that was brought to its end: a different one means that something is to be done. */
  readonly hash: string;
  /** The contract that reserves its name, if it needs one. */
  readonly nameContractId?: number;
}

/** A deployment that stands: its record, and what the node says of its workloads. */
export interface StandingDeployment {
  /** To be kept in state. */
  readonly record: DeploymentRecord;
  /** Whether this very run made its contract: nothing else may be taken back. */
  readonly isNew: boolean;
  /** As the node has it, results included; undefined when the wait for it was interrupted. */
  readonly deployment: Deployment | undefined;
}
