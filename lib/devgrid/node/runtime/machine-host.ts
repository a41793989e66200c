/** A machine as it starts, with everything its guest can see. */
export interface MachineBoot {
  /** Workload id: `<twin>-<contract>-<name>`. */
  readonly id: string;
  /** Its owner. */
  readonly twinId: number;
  /** Where its workload is. */
  readonly contractId: number;
  /** Where it runs. */
  readonly nodeId: number;
  /** Address of its image. */
  readonly flist: string;
  /** Its environment, secrets included. */
  readonly env: Readonly<Record<string, string>>;
  /** Name of its private network. */
  readonly network: string;
  /** Its address in there. */
  readonly ip: string;
  /** Workload ids of what is mounted, by mount point. */
  readonly mounts: Readonly<Record<string, string>>;
}

/** What plays the insides of machines: told of every start and end, it never stands in their way. */
export interface MachineHost {
  /** A machine starts. */
  started(boot: MachineBoot): void;
  /** A machine is gone, or without power. */
  stopped(id: string): void;
  /** A disk is gone with all that was on it. */
  wiped(diskId: string): void;
}
