import { NodeError } from "../node-error";
import type { NodeRuntime } from "../runtime/node-runtime";

/** Refuses cards that the node does not have, and cards at all unless the node is rented. */
export function expandGpus(gpus: readonly string[], isRented: boolean, node: NodeRuntime): void {
  if (gpus.length > 0 && !isRented) throw new NodeError("usage of GPU is not allowed unless node is rented");
  const known = node.surroundings.hardware.gpus.map((gpu) => gpu.id);
  const unknown = gpus.find((gpu) => !known.includes(gpu));
  if (unknown) throw new NodeError(`failed to prepare requested gpu device(s): unknown GPU id '${unknown}'`);
}

/** Refuses cards that another machine holds. */
export function checkGpus(gpus: readonly string[], node: NodeRuntime): void {
  const used = [...node.machines.values()].flatMap((machine) => machine.gpus);
  const busy = gpus.find((gpu) => used.includes(gpu));
  if (busy) throw new NodeError(`device '${busy.split("/")[0]}' is already used by another workload`);
}
