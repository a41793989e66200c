import type { GridError } from "../../../core/errors";
import type { Outcome } from "./settle";

/** Refusals quoted in full at once: when many members fail, the same reason stands behind most of them. */
const MAX_QUOTED = 5;

/** Nodes named beside those: the rest is counted. */
const MAX_NAMED = 20;

/**
 * Why members failed, each in its own words and with what stands of it, as far as one can read them.
 *
 * @param beside what becomes of the other members, to be told with the first
 */
export function failuresOf(outcomes: readonly Outcome[], beside = ""): GridError[] {
  const failed = outcomes.flatMap(({ member, failure }) => (failure ? [{ nodeId: member.nodeId, failure }] : []));
  const unquoted = failed.slice(MAX_QUOTED).map(({ nodeId }) => nodeId);
  return failed.slice(0, MAX_QUOTED).map(({ failure: { standing, facts }, failure }, index) =>
    failure.with({
      standing: index === 0 && beside !== "" ? [standing, beside].filter(Boolean).join(" ") : standing,
      facts: index === MAX_QUOTED - 1 ? { ...facts, ...countOf(unquoted) } : facts,
    }),
  );
}

/** One error for one failure, else all of them together. */
export function together(failures: readonly GridError[]): Error | undefined {
  return failures.length > 1 ? new AggregateError(failures, "several members failed") : failures[0];
}

function countOf(nodeIds: readonly number[]): Readonly<Record<string, string>> {
  if (nodeIds.length === 0) return {};
  const named = nodeIds.slice(0, MAX_NAMED).join(", ");
  const more = nodeIds.length > MAX_NAMED ? ", …" : "";
  return { [`and ${nodeIds.length} more`]: `on nodes ${named}${more}` };
}
