import { NodeError } from "../node-error";

/** What a node is told to get wrong once. */
export type NodeFault = {
  /** What the deployer is told. */
  readonly message: string;
} & (
  | {
      /** The command that is refused before anything is done. */
      readonly command: string;
    }
  | {
      /** The workload type that fails. */
      readonly workloadType: string;
      /** When it fails. @default "provision" */
      readonly during?: "provision" | "update" | "remove";
    }
);

/** Failures that wait for their moment; each happens once. */
export class FaultList {
  readonly #faults: NodeFault[];

  constructor(faults: readonly NodeFault[]) {
    this.#faults = [...faults];
  }

  /** Lets the next matching thing fail. */
  add(fault: NodeFault): void {
    this.#faults.push(fault);
  }

  /** @throws {NodeError} when a fault waits for this command */
  checkCommand(command: string): void {
    this.#fire((fault) => "command" in fault && fault.command === command);
  }

  /** @throws {NodeError} when a fault waits for this */
  checkWorkload(workloadType: string, during: "provision" | "update" | "remove"): void {
    this.#fire(
      (fault) =>
        "workloadType" in fault && fault.workloadType === workloadType && (fault.during ?? "provision") === during,
    );
  }

  /** Ready for JSON. */
  toJson(): NodeFault[] {
    return structuredClone(this.#faults);
  }

  #fire(isMeant: (fault: NodeFault) => boolean): void {
    const index = this.#faults.findIndex(isMeant);
    const [fault] = index < 0 ? [] : this.#faults.splice(index, 1);
    if (fault) throw new NodeError(fault.message);
  }
}
