import { GridError, hasCode, messageOf } from "../core/errors";
import type { NodeContract } from "../model/contract";
import { type Deployment, deploymentHash } from "../model/deployment";
import { decodeStamp, encodeDeploymentData, type Stamp, sameStamp } from "../model/deployment-data";
import { UNTOUCHED } from "../model/workloads/workload";
import { awaitWorkloads, type WorkloadFailure } from "./await-workloads";
import { cancelContract, isChainRefusal } from "./cancel-contract";
import type { EngineContext } from "./context";
import { deliver } from "./deliver";
import { documentOf, initialDocument, requireValid } from "./deployment-document";
import type { DeploymentRecord, DeploymentTarget, StandingDeployment } from "./deployment-target";
import {
  contractGone,
  createRefused,
  handedOver,
  inGrace,
  nodeDown,
  nodeSilent,
  ownedByOtherProject,
  stalePlan,
  updateRefused,
  wouldLoseData,
} from "./errors";
import { type DeploymentAddress, getFromNode, isUnreachable, refusalOf } from "./node-deployments";
import { planUpdate, type UpdatePhase } from "./update-phases";

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

/** A deployment on its way to what is wanted. */
interface Work {
  readonly context: EngineContext;
  readonly target: DeploymentTarget;
  readonly address: DeploymentAddress;
  readonly token: string;
  /** Hash on the chain now. */
  hash: string;
  /** Public text on the chain now. */
  data: string;
  /** Made by this very run: the only contracts a failure may cancel. */
  readonly isNew: boolean;
}

/** Rounds of look, decide, act before giving up: a rebuild needs two, a lost race one more. */
const MAX_ROUNDS = 4;

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
  prior: (DeploymentRecord & { readonly expectedHashes: readonly string[] }) | undefined,
): Promise<StandingDeployment> {
  requireValid(target, context.twinId);
  const nodeTwinId = await requireNodeTwin(context, target);
  const work = prior
    ? await openOwn(context, target, { prior, nodeTwinId })
    : await ensure(context, target, nodeTwinId);
  try {
    const deployment = await converge(work);
    return { record: recordOf(work), deployment };
  } catch (error) {
    // Interrupted: what was begun is kept, the next run goes on from it.
    if (context.signal.aborted) return { record: recordOf(work), deployment: undefined };
    if (work.isNew) return await rollBack(work, error);
    throw error instanceof GridError
      ? new IncompleteChange({ record: recordOf(work), deployment: undefined }, error)
      : error;
  }
}

function recordOf(work: Work): DeploymentRecord {
  return { contractId: work.address.contractId, token: work.token, hash: work.hash };
}

async function requireNodeTwin(context: EngineContext, target: DeploymentTarget): Promise<number> {
  const node = await context.chain.getNode(target.nodeId, context.signal);
  if (node) return node.twinId;
  throw new GridError({
    code: "TFG_NO_NODE",
    summary: `There is no node ${target.nodeId} on this network.`,
    facts: { "wanted for": target.title },
    standing: "Nothing was changed.",
    remedy: "check node_id and the network, or let placement choose a node.",
    attribute: ["node_id"],
  });
}

/** Opens the contract in state, if it is still ours and nobody changed it behind the plan's back. */
async function openOwn(
  context: EngineContext,
  target: DeploymentTarget,
  known: {
    readonly prior: DeploymentRecord & { readonly expectedHashes: readonly string[] };
    readonly nodeTwinId: number;
  },
): Promise<Work> {
  const { prior, nodeTwinId } = known;
  const contract = await context.chain.getContract(prior.contractId, context.signal);
  if (contract?.kind !== "node") throw contractGone(target.title, prior.contractId);
  const stamp = decodeStamp(contract.deploymentData);
  const own: Stamp = { lineage: target.lineage, role: target.role, token: prior.token };
  if (contract.twinId !== context.twinId || !stamp || !sameStamp(stamp, own)) {
    throw handedOver(target.title, prior.contractId);
  }
  if (contract.state.kind === "GracePeriod") throw inGrace(target.title, prior.contractId);
  if (![prior.hash, ...prior.expectedHashes].includes(contract.deploymentHash)) {
    throw stalePlan(target.title, prior.contractId);
  }
  return {
    context,
    target,
    address: { nodeTwinId, contractId: contract.contractId },
    token: prior.token,
    hash: contract.deploymentHash,
    data: contract.deploymentData,
    isNew: false,
  };
}

/** Finds what an earlier, lost run made for this very object, or makes it. */
async function ensure(context: EngineContext, target: DeploymentTarget, nodeTwinId: number): Promise<Work> {
  const { lineage, role, nodeId } = target;
  const [[found]] = await Promise.all([
    context.ownContracts.findStamped({ lineage, role, nodeId }, context.signal),
    requireAnswering(context, target, nodeTwinId),
  ]);
  if (found) return adopt(context, target, { contract: found, nodeTwinId });
  const document = initialDocument(target, context.twinId, 0);
  const hash = deploymentHash(document);
  const token = context.randomHex(8);
  const data = encodeDeploymentData(target.label, { lineage, role, token });
  try {
    const [made] = await context.chain.submit(
      [
        {
          kind: "createNodeContract",
          nodeId,
          deploymentHash: hash,
          deploymentData: data,
          publicIps: target.publicIps,
        },
      ],
      context.signal,
    );
    if (!made) throw new Error("the chain gave no result for a contract it made");
    context.log("info", "contract made", { contract: made.contractId, node: nodeId, for: target.title });
    // Followed by the next refresh: a contract lost to a re-organisation is found again by its stamp.
    made.finalized.catch((error) => context.log("warn", "contract not final", { reason: String(error) }));
    return { context, target, address: { nodeTwinId, contractId: made.contractId }, token, hash, data, isNew: true };
  } catch (error) {
    // The directory lags: what an interrupted run made moments ago is found by its hash instead.
    if (!isChainRefusal(error, "ContractIsNotUnique")) throw error;
    const contractId = await context.chain.getContractIdByHash(nodeId, hash, context.signal);
    const contract = contractId ? await context.chain.getContract(contractId, context.signal) : undefined;
    if (contract?.kind !== "node") throw error;
    return adopt(context, target, { contract, nodeTwinId });
  }
}

/** Asks a node for a sign of life before anything is paid for. */
async function requireAnswering(context: EngineContext, target: DeploymentTarget, nodeTwinId: number): Promise<void> {
  try {
    const nodes = await context.nodes();
    await nodes.call(nodeTwinId, "zos.system.version", undefined, { signal: context.signal, timeoutMs: 10_000 });
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    throw nodeDown(target, error);
  }
}

/** Takes over a contract of this lineage and role by writing a fresh token into its stamp. */
async function adopt(
  context: EngineContext,
  target: DeploymentTarget,
  found: { readonly contract: NodeContract; readonly nodeTwinId: number },
): Promise<Work> {
  const { contract, nodeTwinId } = found;
  const stamp = decodeStamp(contract.deploymentData);
  if (stamp?.lineage !== target.lineage || stamp.role !== target.role || contract.twinId !== context.twinId) {
    throw ownedByOtherProject(target, contract.contractId, stamp?.lineage ?? `twin ${contract.twinId}, another client`);
  }
  if (contract.state.kind === "GracePeriod") throw inGrace(target.title, contract.contractId);
  const work: Work = {
    context,
    target,
    address: { nodeTwinId, contractId: contract.contractId },
    token: context.randomHex(8),
    hash: "",
    data: "",
    isNew: false,
  };
  await setHash(work, contract.deploymentHash);
  return work;
}

/** Looks, decides and acts until nothing is left to do. */
async function converge(work: Work): Promise<Deployment> {
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
    const plan = planUpdate(view.deployment, target);
    if (plan.loses.length > 0 && !target.allowDataLoss)
      throw wouldLoseData(
        target,
        plan.loses.map(({ name }) => name),
      );
    if (plan.phases.length === 0) return await settle(work, view.deployment);
    for (const phase of plan.phases) await applyPhase(work, view.deployment, phase);
  }
  throw stalePlan(target.title, address.contractId);
}

/** Nothing differs: waits for work the node still has in hand and sees that chain and node agree on the hash. */
async function settle(work: Work, current: Deployment): Promise<Deployment> {
  const document = inWantedOrder(work, current);
  const hash = deploymentHash(document);
  if (hash !== work.hash || work.data !== publicText(work)) await setHash(work, hash);
  await waitFor(work, document, []);
  const { context, address } = work;
  const view = await getFromNode(await context.nodes(), address, { signal: context.signal });
  return view.kind === "present" ? view.deployment : current;
}

/** What the node has, in the order we hash; nodes answer in any order. */
function inWantedOrder(work: Work, current: Deployment): Deployment {
  const { target, address, context } = work;
  const versions = new Map(current.workloads.map(({ name, version }) => [name, version]));
  const workloads = target.workloads.map((workload) => ({
    ...workload,
    version: versions.get(workload.name) ?? 0,
    result: UNTOUCHED,
  }));
  return documentOf(target, {
    twinId: context.twinId,
    contractId: address.contractId,
    version: current.version,
    workloads,
  });
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
  await waitFor(work, document, phase.removed);
}

/**
 * Writes hash and stamp to the contract and waits until they are final: a node that meets an old hash marks every
 * workload of an update as failed and never tries again.
 */
async function setHash(work: Work, hash: string): Promise<void> {
  const { context, address } = work;
  const data = publicText(work);
  const [updated] = await context.chain.submit(
    [
      {
        kind: "updateNodeContract",
        contractId: address.contractId,
        deploymentHash: hash,
        deploymentData: data,
      },
    ],
    context.signal,
  );
  work.hash = hash;
  work.data = data;
  await updated?.finalized;
}

/** Label and stamp as they should stand on the contract. */
function publicText({ target, token }: Work): string {
  return encodeDeploymentData(target.label, { lineage: target.lineage, role: target.role, token });
}

async function waitFor(work: Work, document: Deployment, removed: readonly string[]): Promise<void> {
  const { context, target, address } = work;
  const outcome = await awaitWorkloads(context, target, { address, document, removed });
  if (outcome.kind === "ok") return;
  throw workloadsFailed(work, outcome.failures);
}

function workloadsFailed(work: Work, failures: readonly WorkloadFailure[]): GridError {
  const said = failures.map(({ name, state, message }) => `${name} ${state}: ${message}`).join("; ");
  return updateRefused(work.target, work.address.contractId, said);
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
  const reason = isUnreachable(cause)
    ? nodeSilent(target, after)
    : createRefused(target, refusalOf(cause) ?? messageOf(cause), after);
  if (isCancelled) throw reason;
  throw new IncompleteChange({ record: recordOf(work), deployment: undefined }, reason);
}
