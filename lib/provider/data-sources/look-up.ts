import { hasCode, messageOf } from "../../core/errors";
import type { CallContext } from "../resource";
import type { ObjectValue } from "../schema/value";

const ACCOUNT_PROBLEMS = ["TFG_NO_MNEMONIC", "TFG_BAD_MNEMONIC", "TFG_NO_TWIN"] as const;

/**
 * Looks something up for a data source. A destroy reads data sources, too: what cannot be looked up is a value and a warning,
 * never an error. Only an account that is of no use is one: nothing else could be done with it either.
 *
 * @param what begins the warning: `Farms could not be looked up`
 * @param otherwise the values when nothing could be looked up
 */
export async function lookUp(
  context: CallContext,
  { what, otherwise }: { readonly what: string; readonly otherwise: ObjectValue },
  ask: () => Promise<ObjectValue>,
): Promise<ObjectValue> {
  try {
    return { ...(await ask()), reachable: true };
  } catch (error) {
    if (context.signal.aborted || ACCOUNT_PROBLEMS.some((code) => hasCode(error, code))) throw error;
    context.warn(`${what} could not be looked up`, messageOf(error));
    return { ...otherwise, reachable: false };
  }
}
