import { type Deployment, deploymentHash } from "../model/deployment";
import type { AnyWorkload } from "../model/workloads/workload";
import { awaitWorkloads } from "./await-workloads";
import { deliver } from "./deliver";
import { documentInOrder, documentOf, initialDocument } from "./deployment-document";
import { stalePlan, updateRefused, wouldLoseData } from "./errors";
import { requireFreeAddresses } from "./node/free-addresses";
import { getFromNode, refusalOf } from "./node/node-deployments";
import { planUpdate, type UpdatePhase } from "./update-phases";
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
    const plan = planUpdate(standing, target);
    if (plan.loses.length > 0 && !target.allowDataLoss) throw wouldLoseData(target, address.contractId, plan.loses);
    if (plan.phases.length === 0) return await settle(work, standing);
    await requireFreeAddresses(context, { target, nodeTwinId: address.nodeTwinId, standing });
    for (const phase of plan.phases) await applyPhase(work, standing, phase);
  }
  throw stalePlan(target.title, address.contractId);
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
  throw updateRefused(target, address.contractId, said);
}
