import { type GridError, hasCode } from "../core/errors";
import { cancelOwnedForGood, releaseName } from "./cancel-contract";
import type { DeploymentTarget, StandingDeployment } from "./deployment-target";
import { type Aftermath, createFailed, createRefused, nodeSilent } from "./errors";
import { IncompleteChange } from "./incomplete-change";
import { findNameContract } from "./name-contract";
import { isUnreachable, refusalOf } from "./node/node-deployments";
import { isStamped } from "./ownership";
import { untilFinal } from "./submit";
import { standingOf, type Work } from "./work";

/**
 * Ends the contract this very run made; what cannot be ended is handed back, so that it is not lost. What carries another
 * stamp is somebody else's, whatever its number.
 *
 * @throws {GridError} why the creation failed, when nothing is left of it
 * @throws {IncompleteChange} when the contract could not be cancelled
 */
export async function rollBack(work: Work, cause: unknown): Promise<StandingDeployment> {
  const { context, target, address } = work;
  // Patience ran out while the contract lives: complete it in the next run rather than throw away what works.
  if (hasCode(cause, "TFG_DEPLOY_TIMEOUT")) {
    context.warn(`${target.title} is not up yet`, cause.message);
    return standingOf(work);
  }
  const { contractId } = address;
  const nameContractId = work.isNameNew ? work.nameContractId : undefined;
  const isCancelled = await endWhereverItIs(work, nameContractId).then(
    () => true,
    (error) => {
      context.log("error", "rollback failed", { contract: contractId, reason: String(error) });
      return false;
    },
  );
  const reason = whyUndone(target, { contractId, nameContractId, isCancelled, cause });
  if (isCancelled) throw reason;
  throw new IncompleteChange(standingOf(work), reason);
}

/** Another block may have made it under another number, and its name as well. */
async function endWhereverItIs(work: Work, nameContractId: number | undefined): Promise<void> {
  const { context, target, data } = work;
  const moved = await followContract(work);
  const { reservation } = target;
  const isNameElsewhere = moved !== undefined && nameContractId !== undefined && reservation !== undefined;
  const name = isNameElsewhere ? await findNameContract(context, { ...target, reservation }, [data]) : nameContractId;
  await endOwn(moved ?? work, name);
}

/** Ends it, and waits until its node has let go. @param nameContractId ended with it */
export async function endOwn(work: Work, nameContractId?: number): Promise<void> {
  const { context, target } = work;
  if (!(await isThere(work))) {
    if (nameContractId !== undefined) await releaseName(context, nameContractId, target.reservation?.name);
    return;
  }
  const { title, lineage, role } = target;
  await cancelOwnedForGood(context, { title, lineage, role, record: standingOf(work).record, nameContractId });
}

/**
 * Finds where the contract of this very run went when the block that made it was dropped: another block may have made it
 * under another number, while the first number now is somebody else's. Undefined when it is where it was, or nowhere.
 */
export async function followContract(work: Work): Promise<Work | undefined> {
  const { context, target } = work;
  if (work.made === undefined || (await isThere(work))) return undefined;
  // Dropped, or final in another block: either way the chain is asked.
  await untilFinal(context, work.made).catch((error) => context.log("debug", "moved", { reason: String(error) }));
  const contractId = await context.chain.getContractIdByHash(target.nodeId, work.hash, context.signal);
  if (contractId === undefined) return undefined;
  const moved = { ...work, address: { ...work.address, contractId } };
  if (!(await isThere(moved))) return undefined;
  context.log("info", "contract made anew by another block", { contract: contractId, for: target.title });
  return moved;
}

/** Whether the contract has its number on the chain, and carries the stamp that this run wrote. */
export async function isThere({ context, target, address, token }: Work): Promise<boolean> {
  const contract = await context.chain.getContract(address.contractId, context.signal);
  return isStamped(context, contract, { lineage: target.lineage, role: target.role, token });
}

function whyUndone(target: DeploymentTarget, after: Aftermath): GridError {
  const said = refusalOf(after.cause);
  if (said !== undefined) return createRefused(target, said, after);
  return isUnreachable(after.cause) ? nodeSilent(target, after) : createFailed(target, after);
}
