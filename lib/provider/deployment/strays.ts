import { GridError } from "../../core/errors";
import type { EngineContext } from "../../engine/context";
import type { Stamp } from "../../model/deployment-data";
import type { CallContext } from "../resource";

/**
 * Warns of further contracts of an object that may be on several nodes while it moves: a run that was killed in between
 * leaves one that bills, and that nothing in state names. A directory that does not answer hides them, no more than that.
 */
export async function warnOfStrays(
  engine: EngineContext,
  object: { readonly title: string; readonly contractId: number; readonly own: Stamp },
  context: CallContext,
): Promise<void> {
  const { title, contractId, own } = object;
  try {
    const found = await engine.ownContracts.findElsewhere(own, context.signal);
    for (const stray of found.filter((each) => each.contractId !== contractId)) {
      context.warn(
        `${title}: contract ${stray.contractId} on node ${stray.nodeId} carries its stamp, too`,
        "A run that was killed while it moved there has left it. It is used when it moves there; otherwise cancel it: it bills.",
      );
    }
  } catch (error) {
    if (context.signal.aborted || !(error instanceof GridError)) throw error;
    engine.log("info", "strays not looked for", { reason: error.summary });
  }
}
