import { GridError } from "../../core/errors";
import type { EngineContext } from "../../engine/context";
import type { Stamp } from "../../model/deployment-data";
import type { CallContext } from "../resource";

/**
 * Warns of further contracts of an object that may be on several nodes: a run that was killed while it went to another one
 * leaves one that bills, and that nothing in state names. A directory that does not answer hides them, no more than that.
 */
export async function warnOfStrays(
  engine: EngineContext,
  object: {
    readonly title: string;
    /** Contracts that state has. */
    readonly contractIds: readonly number[];
    readonly own: Pick<Stamp, "lineage" | "role">;
  },
  context: CallContext,
): Promise<void> {
  const { title, contractIds, own } = object;
  try {
    const found = await engine.ownContracts.findElsewhere(own, context.signal);
    for (const stray of found.filter((each) => !contractIds.includes(each.contractId))) {
      context.warn(
        `${title}: contract ${stray.contractId} on node ${stray.nodeId} carries its stamp, too`,
        "A run that was killed while it went there has left it. It is used when it goes there again; otherwise cancel it: it bills.",
      );
    }
  } catch (error) {
    if (context.signal.aborted || !(error instanceof GridError)) throw error;
    engine.log("info", "strays not looked for", { reason: error.summary });
  }
}
