import { GridError, hasCode } from "../core/errors";
import type { Deployment } from "../model/deployment";
import type { EngineContext } from "./context";
import { converge } from "./converge";
import { requireValid } from "./deployment-document";
import type { DeploymentTarget, StandingDeployment } from "./deployment-target";
import { nodeSilentOnUpdate } from "./errors";
import { IncompleteChange } from "./incomplete-change";
import { findNameContract, holdName } from "./name-contract";
import { isUnreachable, refusalOf } from "./node/node-deployments";
import { createContract, ensureContract, openOwn, type PriorRecord } from "./open-contract";
import { endOwn, followContract, isThere, rollBack } from "./roll-back";
import { whyDropped } from "./submit";
import { standingOf, type Work } from "./work";

/** Creations that are tried: a dropped block and a node behind the chain each cost one. */
const MAX_ATTEMPTS = 3;

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
  return settle(prior ? await openOwn(context, target, prior) : await ensureContract(context, target), 1);
}

async function settle(work: Work, attempt: number): Promise<StandingDeployment> {
  const { signal } = work.context;
  try {
    await holdName(work);
    return standingOf(work, await convergeForGood(work));
  } catch (error) {
    // Interrupted: what was begun is kept, the next run goes on from it.
    if (signal.aborted) return standingOf(work);
    if (!work.isNew) throw changeFailed(work, error);
    const next = attempt < MAX_ATTEMPTS ? await nextAttempt(work, error) : undefined;
    if (signal.aborted) return standingOf(work);
    return next ? settle(next, attempt + 1) : rollBack(work, error);
  }
}

/**
 * Brings it up while the block that made its contract becomes final, which takes about as long. Once that block is
 * dropped, nothing is waited for that would come of its number.
 */
async function convergeForGood(work: Work): Promise<Deployment | undefined> {
  const { context, target, made } = work;
  if (made === undefined) return converge(work);
  const dropped = new AbortController();
  const lasting = whyDropped(context, target.title, made).then((reason) => {
    if (reason) dropped.abort(reason);
  });
  // Waited for below, unless the node's work has failed by then.
  lasting.catch(() => undefined);
  const signal = AbortSignal.any([context.signal, dropped.signal]);
  const bounded: Work = { ...work, context: { ...context, signal } };
  try {
    const deployment = await converge(bounded);
    await lasting;
    dropped.signal.throwIfAborted();
    return deployment;
  } catch (error) {
    throw dropped.signal.aborted ? dropped.signal.reason : error;
  } finally {
    work.hash = bounded.hash;
    work.data = bounded.data;
    work.nameContractId = bounded.nameContractId;
  }
}

/** How to go on with a creation that failed for a reason that is no longer true; undefined when it has to be taken back. */
async function nextAttempt(work: Work, error: unknown): Promise<Work | undefined> {
  const { context, target, address } = work;
  try {
    const moved = await followContract(work);
    const isDropped = hasCode(error, "TFG_CHAIN_REORG");
    // What was made in one with it has another number: its name is looked up again, and all else is as it was.
    if (isDropped && !moved && (await isThere(work))) return { ...work, made: undefined, nameContractId: undefined };
    // A node looks for a new contract for some seconds only; after that its number is burnt.
    const isBurnt = isDropped || /failed to get deployment contract/.test(refusalOf(error) ?? "");
    if (!moved && !isBurnt) return undefined;
    // The number it now has may be one under which the node knows what a sibling had sent before.
    await endOwn(moved ?? work);
    const { nodeTwinId } = address;
    const { reservation } = target;
    // Made in one with the contract, the name may have another number by now, or be gone with it.
    const nameContractId = reservation && (await findNameContract(context, { ...target, reservation }, [work.data]));
    return await createContract(context, target, { nodeTwinId, nameContractId, isNameNew: work.isNameNew });
  } catch (trouble) {
    context.log("warn", "creation not tried again", { for: target.title, reason: String(trouble) });
    return undefined;
  }
}

function changeFailed(work: Work, error: unknown): unknown {
  if (!(error instanceof GridError)) return error;
  const reason = isUnreachable(error) ? nodeSilentOnUpdate(work.target, work.address.contractId, error) : error;
  return new IncompleteChange(standingOf(work), reason);
}
