import type { GridError } from "../core/errors";
import type { StandingDeployment } from "./deployment-target";

/** A change that went wrong after it had begun: what stands now, and why it is not what was wanted. */
export class IncompleteChange extends Error {
  constructor(
    /** To be kept in state. */
    readonly standing: StandingDeployment,
    /** What to tell the user. */
    readonly reason: GridError,
  ) {
    super(reason.message, { cause: reason });
  }
}
