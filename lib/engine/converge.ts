import { GridError } from "../core/errors";
import { type Deployment, deploymentHash } from "../model/deployment";
import { updateSupport } from "../model/workloads/update-support";
import type { AnyWorkload } from "../model/workloads/workload";
import { awaitWorkloads } from "./await-workloads";
import { deliver } from "./deliver";
import { documentInOrder, documentOf, initialDocument } from "./deployment-document";
import type { DeploymentTarget } from "./deployment-target";
import { addressesLost, begunStanding, rebuildFailed, stalePlan, updateRefused, wouldLoseData } from "./errors";
import { requireFreeAddresses } from "./node/free-addresses";
import { gpusOf, requireGpus } from "./node/free-gpus";
import { needOf, requireRoom, usedBy } from "./node/free-room";
import { getFromNode, refusalOf } from "./node/node-deployments";
import { planUpdate, stepsUnderWay, type UpdatePhase, type UpdatePlan } from "./update-phases";
import { publicText, setHash, type Work } from "./work";

/** Rounds of look, decide, act before giving up: a rebuild needs two, a lost race one more. */
const MAX_ROUNDS = 4;

/** Looks, decides and acts until nothing is left to do. */
export async function converge(work: Work): Promise<Deployment> {
  const { context, target, address } = work;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    // A contract made a moment ago is unknown to its node: the question can be saved.
    const view =
      work.isNew && round === 0
        ? ({ kind: "absent" } as const)
        : await getFromNode(await context.nodes(), address, { signal: context.signal });
    if (view.kind === "unreachable") throw view.cause;
    if (view.kind === "absent") {
      await deployAnew(work);
      continue;
    }
    const standing = view.deployment;
    if (await finishStep(work, standing, round)) continue;
    const plan = planUpdate(standing, target);
    const hasBegun = round > 0;
    if (plan.loses.length > 0 && !target.allowDataLoss) {
      throw wouldLoseData(target, address.contractId, plan.loses, hasBegun);
    }
    if (plan.phases.length === 0) return await settle(work, standing);
    await requirePossible(work, standing, plan).catch((error) => {
      if (!hasBegun || !(error instanceof GridError)) throw error;
      throw error.with({ standing: begunStanding(address.contractId) });
    });
    await update(work, standing, plan);
  }
  throw stalePlan(target.title, address.contractId, true);
}

/**
 * Waits for a step that an earlier, interrupted run has sent and that the node is still at: told anew at the next version it
 * would refuse, or do it twice. False when there is none: only the first look can meet one.
 */
async function finishStep(work: Work, standing: Deployment, round: number): Promise<boolean> {
  if (round > 0) return false;
  const { context, target, address } = work;
  for (const step of stepsUnderWay(standing, target)) {
    const document = documentOf(target, { twinId: context.twinId, contractId: address.contractId, ...step });
    if (deploymentHash(document) !== work.hash || isSame(standing, document)) continue;
    const removed = standing.workloads.filter(({ name }) => step.removed.includes(name));
    // What it failed to take down it does not try again by itself.
    if (removed.some(({ result }) => result.state === "error")) continue;
    // However it ends: what it has come to is looked at next.
    await awaitWorkloads(context, target, { address, document, removed });
    return true;
  }
  return false;
}

function isSame(standing: Deployment, document: Deployment): boolean {
  const named = (deployment: Deployment) =>
    deployment.workloads.map(({ name, version }) => `${name} ${version}`).sort();
  return named(standing).join() === named(document).join();
}

/** Nothing differs: waits for work the node still has in hand and sees that chain and node agree on the hash. */
async function settle(work: Work, current: Deployment): Promise<Deployment> {
  const document = documentInOrder(work.target, current);
  const hash = deploymentHash(document);
  if (hash !== work.hash || work.data !== publicText(work)) await setHash(work, hash);
  await waitFor(work, document, []);
  const { context, address } = work;
  const view = await getFromNode(await context.nodes(), address, { signal: context.signal });
  return view.kind === "present" ? view.deployment : current;
}

async function deployAnew(work: Work): Promise<void> {
  const document = initialDocument(work.target, work.context.twinId, work.address.contractId);
  const hash = deploymentHash(document);
  if (hash !== work.hash) await setHash(work, hash);
  await deliver(work.context, "zos.deployment.deploy", { address: work.address, document });
  await waitFor(work, document, []);
}

/** What has to go before it can come back goes only when it can come back. */
async function requirePossible(work: Work, standing: Deployment, { phases, rebuilt }: UpdatePlan): Promise<void> {
  const { context, target, address } = work;
  const { nodeTwinId, contractId } = address;
  const { title, nodeId } = target;
  await requireHeldAddresses(work, rebuilt);
  await requireFreeAddresses(context, { target, nodeTwinId, standing });
  await requireGpus(context, { title, nodeId, nodeTwinId, contractId, gpus: gpusOf(target.workloads) });
  if (isTakenDown(phases)) {
    await requireRoom(context, needOf(target, contractId), { twinId: nodeTwinId, own: usedBy(standing) });
  }
}

/** The chain gives addresses to a contract once: a node could not bring up again what it has lost. */
async function requireHeldAddresses({ context, target, address }: Work, rebuilt: readonly string[]): Promise<void> {
  const isAtStake = target.workloads.some(({ name, type }) => isPublicIp(type) && rebuilt.includes(name));
  if (target.publicIps === 0 || !isAtStake) return;
  const { contractId } = address;
  const contract = await context.chain.getContract(contractId, context.signal);
  const held = contract?.kind === "node" ? contract.publicIpsList.length : 0;
  if (held < target.publicIps) throw addressesLost(target, { contractId, held });
}

function isPublicIp(type: string): boolean {
  return type === "ip" || type === "ipv4";
}

function isTakenDown(phases: readonly UpdatePhase[]): boolean {
  return phases.some(({ removed }) => removed.length > 0);
}

/** When what had to go cannot come back after all, it comes as it was. */
async function update(work: Work, standing: Deployment, { phases }: UpdatePlan): Promise<void> {
  const { context, address } = work;
  const { contractId } = address;
  const progress = { done: 0 };
  try {
    await applyPhases(work, standing, { phases, progress });
  } catch (error) {
    const isDown = isTakenDown(phases) && progress.done > 0 && wasUp(standing);
    if (!isDown || !(error instanceof GridError) || context.signal.aborted) throw error;
    throw rebuildFailed(contractId, error, await restore(work, standing));
  }
}

/** @param progress counts the phases that are through, should a later one fail */
async function applyPhases(
  work: Work,
  standing: Deployment,
  { phases, progress }: { readonly phases: readonly UpdatePhase[]; readonly progress: { done: number } },
): Promise<void> {
  const { context, target, address } = work;
  let before = standing;
  for (const phase of phases) {
    await applyPhase(work, before, phase);
    before = documentOf(target, { twinId: context.twinId, contractId: address.contractId, ...phase });
    progress.done++;
  }
}

function wasUp({ workloads }: Deployment): boolean {
  return workloads.every(({ result }) => result.state === "ok");
}

/** Rolls forward to what ran before. False when that does not work either. */
async function restore(work: Work, earlier: Deployment): Promise<boolean> {
  const { context, address } = work;
  const { metadata, description, workloads } = earlier;
  const target: DeploymentTarget = { ...work.target, metadata, description, workloads };
  const former: Work = { ...work, target };
  try {
    const view = await getFromNode(await context.nodes(), address, { signal: context.signal });
    if (view.kind !== "present") return false;
    const { phases } = planUpdate(view.deployment, target);
    await applyPhases(former, view.deployment, { phases, progress: { done: 0 } });
    return true;
  } catch (error) {
    context.log("error", "not restored", { contract: address.contractId, reason: String(error) });
    return false;
  } finally {
    // As far as it got is what the chain has, and what state has to know.
    Object.assign(work, { hash: former.hash, data: former.data });
  }
}

async function applyPhase(work: Work, before: Deployment, phase: UpdatePhase): Promise<void> {
  const { context, target, address } = work;
  const document = documentOf(target, { twinId: context.twinId, contractId: address.contractId, ...phase });
  const oldHash = work.hash;
  await setHash(work, deploymentHash(document));
  try {
    await deliver(context, "zos.deployment.update", { address, document });
  } catch (error) {
    const said = refusalOf(error);
    if (said === undefined) throw error;
    const view = await getFromNode(await context.nodes(), address, { signal: context.signal });
    // The node still runs the old version: chain and node must agree again.
    if (view.kind === "present" && view.deployment.version === before.version) await setHash(work, oldHash);
    throw updateRefused(target, address.contractId, said);
  }
  const removed = before.workloads.filter(({ name }) => phase.removed.includes(name));
  await waitFor(work, document, removed);
}

async function waitFor(work: Work, document: Deployment, removed: readonly AnyWorkload[]): Promise<void> {
  const { context, target, address } = work;
  const outcome = await awaitWorkloads(context, target, { address, document, removed });
  if (outcome.kind === "ok") return;
  const said = outcome.failures.map(({ name, state, message }) => `${name} ${state}: ${message}`).join("; ");
  const isBroken = (name: string) =>
    document.workloads.some((each) => each.name === name && updateSupport[each.type].losesData);
  const broken = outcome.failures
    .filter(({ name, state }) => state === "error" && isBroken(name))
    .map(({ name }) => name);
  throw updateRefused(target, address.contractId, said, broken);
}
