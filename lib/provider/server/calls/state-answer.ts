import type { Resource, StateOutput } from "../../resource";
import type { ObjectValue } from "../../schema/value";
import { conform } from "../values/conform";
import { writeDynamicValue } from "../values/dynamic-value";
import type { Call } from "./call";
import { writePrivate } from "./private-data";

/** A state on its way out: as a value, and as the wire has it. */
export interface StateAnswer {
  readonly value: ObjectValue | null;
  readonly wire: { readonly new_state: { readonly msgpack: Uint8Array }; readonly private: Uint8Array };
}

/**
 * Brings what a resource says it left behind into the form Terraform stores. Errors of the resource are reported; with
 * them its unknowns count as "not reached" and become null, without them an unknown is a defect.
 */
export function stateAnswer(call: Call<Resource>, output: StateOutput, received: Uint8Array): StateAnswer {
  const { report, shape } = call;
  report.errors(output.errors ?? []);
  const value =
    output.state &&
    conform(shape, output.state, {
      unknown: report.hasErrors ? "null" : "report",
      report: (path, problem) => report.defect(path, problem),
    });
  const data = output.private ? writePrivate(output.private) : received;
  return { value, wire: { new_state: writeDynamicValue(value), private: data } };
}
