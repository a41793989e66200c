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
 * @throws {IncompleteChange} likewise, when the wait for the new one was given up, or the former one was not seen to end
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
  // The name goes with what state knows, also when it was reserved anew on the way.
  former.nameContractId = standing.record.nameContractId;
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
  const salt = saltIn(target.description);
  await cancelOwned(context, { title, lineage, role, record: prior, salt, isReplaced: true }).catch((error) => {
    if (!(error instanceof GridError)) throw error;
    const reason = bothStand(error, target, { arrived: contractId, left: prior.contractId });
    throw new IncompleteChange(standingOf(former), reason);
  });
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
    if (error instanceof IncompleteChange && error.standing.isNew) {
      throw reason.with({
        standing: `Contract ${runsUnder} still stands and bills, where it was; ${strayOf(target, error.standing.record.contractId)}.`,
      });
    }
    const { standing = "nothing is known." } = reason;
    const there = `On node ${target.nodeId}: ${standing.charAt(0).toLowerCase()}${standing.slice(1)}`;
    throw reason.with({ standing: `${there} Contract ${runsUnder} still stands and bills, where it was.` });
  }
}

function moveUnfinished(
  { title, nodeId }: DeploymentTarget,
  { runsUnder, left }: { readonly runsUnder: number; readonly left: number | undefined },
): GridError {
  const there = left === undefined ? `what was made on node ${nodeId} was cancelled` : strayOf({ nodeId }, left);
  return new GridError({
    code: "TFG_MOVE_UNFINISHED",
    summary: `${title} was not up on node ${nodeId} when the wait for it ended.`,
    facts: { "runs under": `contract ${runsUnder}, where it was` },
    standing: `Contract ${runsUnder} still stands and bills; ${there}.`,
    remedy: "run again, or choose another node.",
    retryable: true,
  });
}

/** Of what was made where it was to move, and is in no state. */
function strayOf({ nodeId }: Pick<DeploymentTarget, "nodeId">, contractId: number): string {
  return `contract ${contractId}, made on node ${nodeId}, could not be cancelled and bills until the next run takes it over`;
}

/** It is up where it was to go, and what it left may stand. */
function bothStand(
  reason: GridError,
  { nodeId }: DeploymentTarget,
  contracts: { readonly arrived: number; readonly left: number },
): GridError {
  const { arrived, left } = contracts;
  return reason.with({
    standing: `It is up on node ${nodeId} under contract ${arrived}, and contract ${left}, where it was, was not seen to end: both may bill. The next run takes the new one over and ends the other.`,
  });
}
