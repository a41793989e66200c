import { GridError, hasCode } from "../core/errors";
import { cancelContract } from "./cancel-contract";
import type { EngineContext } from "./context";
import { converge } from "./converge";
import { requireValid } from "./deployment-document";
import type { DeploymentTarget, StandingDeployment } from "./deployment-target";
import { type Aftermath, createFailed, createRefused, nodeSilent, nodeSilentOnUpdate } from "./errors";
import { isUnreachable, refusalOf } from "./node/node-deployments";
import { ensureContract, openOwn, type PriorRecord } from "./open-contract";
import { recordOf, type Work } from "./work";

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

/**
 * Brings one deployment to what is wanted: creation, adoption, update and repair are the same walk from what is
 * observed. Safe to interrupt and to repeat; a second run sends nothing.
 *
 * @param prior what state remembers; undefined when it remembers nothing
 * @throws {GridError} when nothing new exists and the prior record still holds
 * @throws {IncompleteChange} when something stands that is not what was wanted
 */
export async function reconcileDeployment(
  context: EngineContext,
  target: DeploymentTarget,
  prior: PriorRecord | undefined,
): Promise<StandingDeployment> {
  requireValid(target, context.twinId);
  const work = prior ? await openOwn(context, target, prior) : await ensureContract(context, target);
  try {
    const deployment = await converge(work);
    return { record: recordOf(work), deployment };
  } catch (error) {
    // Interrupted: what was begun is kept, the next run goes on from it.
    if (context.signal.aborted) return { record: recordOf(work), deployment: undefined };
    if (work.isNew) return await rollBack(work, error);
    if (!(error instanceof GridError)) throw error;
    const { contractId } = work.address;
    const reason = isUnreachable(error) ? nodeSilentOnUpdate(target, contractId, error) : error;
    throw new IncompleteChange({ record: recordOf(work), deployment: undefined }, reason);
  }
}

/** Ends the contract this very run made; what cannot be ended is handed back, so that it is not lost. */
async function rollBack(work: Work, cause: unknown): Promise<StandingDeployment> {
  const { context, target, address } = work;
  // Patience ran out while the contract lives: complete it in the next run rather than throw away what works.
  if (hasCode(cause, "TFG_DEPLOY_TIMEOUT")) {
    context.warn(`${target.title} is not up yet`, cause.message);
    return { record: recordOf(work), deployment: undefined };
  }
  const { contractId } = address;
  const isCancelled = await cancelContract(context, contractId).then(
    () => true,
    (error) => {
      context.log("error", "rollback failed", { contract: contractId, reason: String(error) });
      return false;
    },
  );
  const after = { contractId, isCancelled, cause };
  const reason = whyUndone(target, after);
  if (isCancelled) throw reason;
  throw new IncompleteChange({ record: recordOf(work), deployment: undefined }, reason);
}

function whyUndone(target: DeploymentTarget, after: Aftermath): GridError {
  const said = refusalOf(after.cause);
  if (said !== undefined) return createRefused(target, said, after);
  return isUnreachable(after.cause) ? nodeSilent(target, after) : createFailed(target, after);
}
