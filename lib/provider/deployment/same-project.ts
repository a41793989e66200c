import { GridError } from "../../core/errors";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../schema/value";

/** Whether an object stays in its project: another one, or one that is still to be made, is another owner. */
export function isSameProject(prior: ObjectValue, planned: ObjectValue): boolean {
  return valuesEqual(lineageOf(prior), lineageOf(planned));
}

/**
 * Refuses an import into another project: Terraform would replace what was to be taken over, and all that is in it would
 * be lost.
 *
 * @throws {GridError} TFG_IMPORT
 */
export function requireImportable(title: string, prior: ObjectValue, planned: ObjectValue): void {
  if (isSameProject(prior, planned)) return;
  const [from, into] = [lineageOf(prior), lineageOf(planned)];
  throw new GridError({
    code: "TFG_IMPORT",
    summary: `${title} was imported, and belongs to another project than the one it is configured for.`,
    facts: {
      contract: typeof prior.contract_id === "string" ? prior.contract_id : undefined,
      "its project": String(from),
      "configured for": into === UNKNOWN ? "a project that is still to be made" : String(into),
    },
    standing: "Nothing was changed: going on would have replaced it.",
    remedy: `set adopt = "${String(from)}" on the project if its state is lost, or import it where that project's state is.`,
    attribute: ["project"],
  });
}

function lineageOf({ project = null }: ObjectValue): Value {
  if (project === UNKNOWN) return UNKNOWN;
  return isObjectValue(project) ? (project.id ?? null) : null;
}
