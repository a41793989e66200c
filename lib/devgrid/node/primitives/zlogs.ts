import { NodeError } from "../node-error";
import type { Primitive } from "./primitive";

/**
 * Log streams. A stream of a machine that failed comes up all the same and stays silent, as on real nodes.
 *
 * @source zosbase pkg/primitives/zlogs (node source)
 */
export const zlogs: Primitive<"zlogs"> = {
  provision({ data: { zmachine } }, { sibling }) {
    if (!sibling(zmachine)) throw new NodeError(`no zmachine with name '${zmachine}': workload does not exist`);
    return null;
  },
  deprovision: () => undefined,
};
