import type { AnyWorkload } from "../workload";
import { nameProblem } from "./workload-name";

/** The workload of that name, as the node looks it up: a name that is not valid is never found. */
export function findWorkload(workloads: readonly AnyWorkload[], name: string): AnyWorkload | undefined {
  return nameProblem(name) ? undefined : workloads.find((workload) => workload.name === name);
}
