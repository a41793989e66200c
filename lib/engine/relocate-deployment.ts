import { GridError } from "../core/errors";
import { cancelContract, cancelOwned } from "./cancel-contract";
import type { EngineContext } from "./context";
import type { DeploymentTarget, StandingDeployment } from "./deployment-target";
import { IncompleteChange } from "./incomplete-change";
import { openOwn, type PriorRecord } from "./open-contract";
import { saltIn } from "./ownership";
import { reconcileDeployment } from "./reconcile-deployment";
import { standingOf } from "./work";

/**
 * Moves a deployment to another node: it is brought up there under a contract of its own before the former one ends, and
 * what it reserves stays reserved all the while. Until it is up the former one stands and is what state knows; what a
 * killed run has made there is found by its stamp.
 *
 * @throws {GridError} when the former one stands as it did
 * @throws {IncompleteChange} likewise, when the wait for the new one was given up
 */
export async function relocateDeployment(
  context: EngineContext,
  target: DeploymentTarget,
  prior: PriorRecord,
): Promise<StandingDeployment> {
  const former = await openOwn(context, target, prior);
  const standing = await arrive(context, target, prior.contractId);
  const { contractId } = standing.record;
  // A contract that was migrated to where the configuration wants it has arrived already; there is no other.
  if (contractId === prior.contractId) return standing;
  if (!standing.deployment) {
    // Only one of the two fits into the state, and the former one works.
    const isCancelled = await cancelContract(context, contractId).then(
      () => true,
      (error) => context.log("warn", "contract not cancelled", { contract: contractId, reason: String(error) }),
    );
    const left = isCancelled ? undefined : contractId;
    throw new IncompleteChange(standingOf(former), moveUnfinished(target, { runsUnder: prior.contractId, left }));
  }
  const { title, lineage, role } = target;
  await cancelOwned(context, { title, lineage, role, record: prior, salt: saltIn(target.description) });
  return standing;
}

/** @param runsUnder the contract that stands meanwhile, and goes on standing when this fails */
async function arrive(
  context: EngineContext,
  target: DeploymentTarget,
  runsUnder: number,
): Promise<StandingDeployment> {
  try {
    return await reconcileDeployment(context, target, undefined);
  } catch (error) {
    // What is left there carries the stamp: the next run finds it, while state goes on to say what stands.
    const reason = error instanceof IncompleteChange ? error.reason : error;
    if (!(reason instanceof GridError)) throw reason;
    const { standing = "nothing is known." } = reason;
    const there = `On node ${target.nodeId}: ${standing.charAt(0).toLowerCase()}${standing.slice(1)}`;
    throw reason.with({ standing: `${there} Contract ${runsUnder} still stands and bills, where it was.` });
  }
}

function moveUnfinished(
  { title, nodeId }: DeploymentTarget,
  { runsUnder, left }: { readonly runsUnder: number; readonly left: number | undefined },
): GridError {
  const there =
    left === undefined
      ? `what was made on node ${nodeId} was cancelled`
      : `contract ${left}, made on node ${nodeId}, could not be cancelled and bills until the next run takes it over`;
  return new GridError({
    code: "TFG_MOVE_UNFINISHED",
    summary: `${title} was not up on node ${nodeId} when the wait for it ended.`,
    facts: { "runs under": `contract ${runsUnder}, where it was` },
    standing: `Contract ${runsUnder} still stands and bills; ${there}.`,
    remedy: "run again, or choose another node.",
    retryable: true,
  });
}
