import type { CallContext } from "../resource";

/** Says why something is to be made that was there: a plan would only show that it is. */
export function warnOfEnd(title: string, contractId: number, context: CallContext): void {
  context.warn(
    `${title}: contract ${contractId} has ended`,
    "It was cancelled elsewhere, or ran out of funds. Nothing runs under it and it bills no more; the next apply makes it anew.",
  );
}
