import type { NodeContract } from "../model/contract";
import { deploymentHash } from "../model/deployment";
import { decodeStamp } from "../model/deployment-data";
import { getArrears } from "./arrears";
import { isChainRefusal } from "./cancel-contract";
import type { EngineContext } from "./context";
import { documentInOrder, documentOf, initialDocument } from "./deployment-document";
import type { DeploymentRecord, DeploymentTarget } from "./deployment-target";
import {
  contractGone,
  handedOver,
  inGrace,
  ownedByOtherProject,
  stalePlan,
  stampLost,
  unknownNode,
  wouldLoseData,
} from "./errors";
import { findNameContract, nameTaken } from "./name-contract";
import { askFirst } from "./node/ask-first";
import { requireFreeAddresses } from "./node/free-addresses";
import { gpusOf, requireGpus } from "./node/free-gpus";
import { getFromNode } from "./node/node-deployments";
import { meshesOf, requireMeshThere } from "./node/require-mesh";
import { requireFeatures } from "./node/required-features";
import { ownershipOf, saltIn, strangeness } from "./ownership";
import { submit } from "./submit";
import { planUpdate } from "./update-phases";
import { publicText, setHash, type Work } from "./work";

/** What state remembers, and the hashes on the chain that the plan knew of. */
export type PriorRecord = DeploymentRecord & { readonly expectedHashes: readonly string[] };

/**
 * Opens the contract in state, if it is still ours and nobody changed it behind the plan's back. One that lost its stamp and
 * is ours all the same gets it back with the change.
 *
 * @throws {GridError} TFG_CONTRACT_GONE, TFG_HANDED_OVER, TFG_STAMP_LOST, TFG_GRACE, TFG_MESH_ELSEWHERE, TFG_STALE_PLAN
 */
export async function openOwn(context: EngineContext, target: DeploymentTarget, prior: PriorRecord): Promise<Work> {
  const contract = await context.chain.getContract(prior.contractId, context.signal);
  if (contract?.kind !== "node") throw contractGone(target.title, prior.contractId);
  await requireOwn(context, target, { contract, prior });
  if (contract.state.kind === "GracePeriod") {
    throw inGrace(target.title, prior.contractId, await getArrears(context, contract));
  }
  // Contracts can be migrated: the chain's word for the node beats the configuration's.
  const { nodeId } = contract;
  const node = await context.chain.getNode(nodeId, context.signal);
  if (!node) throw unknownNode(nodeId, target.title);
  await requireMeshThere(context, { ...target, meshes: meshesOf(target) }, contract);
  const work = workOn(context, { ...target, nodeId }, { contract, nodeTwinId: node.twinId, token: prior.token });
  const isKnown = [prior.hash, ...prior.expectedHashes].includes(contract.deploymentHash);
  if (!isKnown && !(await isOwnStep(work))) throw stalePlan(target.title, prior.contractId);
  return work;
}

/** Refuses what was handed over, and what lost its stamp and might be anything. */
async function requireOwn(
  context: EngineContext,
  target: DeploymentTarget,
  { contract, prior }: { readonly contract: NodeContract; readonly prior: PriorRecord },
): Promise<void> {
  const { title, lineage, role, description } = target;
  const { contractId, token, hash } = prior;
  const ownership = ownershipOf(context, contract, { lineage, role, token });
  if (ownership === "foreign") throw handedOver(target, contractId, decodeStamp(contract.deploymentData));
  if (ownership === "own") return;
  const doubt = await strangeness(context, contract, { hash, salt: saltIn(description) });
  if (doubt !== undefined) throw stampLost(title, contractId, doubt);
}

/** Whether the hash is a step of this very change: what a killed run had sent may get into a block after the refresh. */
async function isOwnStep({ context, target, address, hash }: Work): Promise<boolean> {
  const view = await getFromNode(await context.nodes(), address, { signal: context.signal });
  if (view.kind !== "present") return false;
  const { twinId } = context;
  const { contractId } = address;
  const steps = planUpdate(view.deployment, target).phases.map((phase) =>
    documentOf(target, { twinId, contractId, ...phase }),
  );
  const done = documentInOrder(target, view.deployment);
  return [done, ...steps].some((document) => deploymentHash(document) === hash);
}

/** Finds what an earlier, lost run made for this very object, or makes it. */
export async function ensureContract(context: EngineContext, target: DeploymentTarget): Promise<Work> {
  const [nodeTwinId, found] = await Promise.all([
    requireFit(context, target),
    context.ownContracts.findStamped(target, context.signal),
  ]);
  const { reservation } = target;
  const texts = found.map(({ deploymentData }) => deploymentData);
  const nameContractId = reservation && (await findNameContract(context, { ...target, reservation }, texts));
  const candidates = found.length > 1 ? await knownFirst(context, found, nodeTwinId) : found;
  for (const [index, contract] of candidates.entries()) {
    const adopted = await adopt(context, target, { contract, nodeTwinId });
    if (!adopted) continue;
    adopted.nameContractId = nameContractId;
    reportOthers(context, target, candidates.slice(index + 1));
    return adopted;
  }
  await requireFreeAddresses(context, { target, nodeTwinId, standing: undefined });
  const { title, nodeId, workloads } = target;
  await requireGpus(context, { title, nodeId, nodeTwinId, gpus: gpusOf(workloads) });
  return createContract(context, target, { nodeTwinId, nameContractId });
}

/** Of several contracts for one object the one that its node knows is the one that runs. */
async function knownFirst(
  context: EngineContext,
  found: readonly NodeContract[],
  nodeTwinId: number,
): Promise<readonly NodeContract[]> {
  const nodes = await context.nodes();
  const views = await Promise.all(
    found.map(({ contractId }) => getFromNode(nodes, { nodeTwinId, contractId }, { signal: context.signal })),
  );
  const isKnown = (_: NodeContract, index: number) => views[index]?.kind === "present";
  return [...found.filter(isKnown), ...found.filter((contract, index) => !isKnown(contract, index))];
}

/** What is there already when a contract is made. */
interface Ground {
  readonly nodeTwinId: number;
  /** The contract that reserves its name; undefined when it has to be made, too. */
  readonly nameContractId?: number;
  /** Whether this very run made that one. */
  readonly isNameNew?: boolean;
}

/** Makes the contract, under a fresh stamp, and in one with it the one that reserves its name, when the name is free. */
export async function createContract(context: EngineContext, target: DeploymentTarget, ground: Ground): Promise<Work> {
  const { nodeId, reservation } = target;
  const { nodeTwinId } = ground;
  const name = ground.nameContractId === undefined ? reservation?.name : undefined;
  const hash = deploymentHash(initialDocument(target, context.twinId, 0));
  const token = context.randomHex(8);
  const data = publicText({ target, token });
  try {
    const [made, named] = await submit(context, [
      { kind: "createNodeContract", nodeId, deploymentHash: hash, deploymentData: data, publicIps: target.publicIps },
      ...(name === undefined ? [] : [{ kind: "createNameContract" as const, name }]),
    ]);
    if (!made) throw new Error("the chain gave no result for a contract it made");
    context.log("info", "contract made", { contract: made.contractId, node: nodeId, for: target.title });
    // Waited for when its node is done, which takes about as long; looked at sooner when something fails.
    made.finalized.catch((error) => context.log("warn", "contract not final", { reason: String(error) }));
    const address = { nodeTwinId, contractId: made.contractId };
    const names = {
      nameContractId: named?.contractId ?? ground.nameContractId,
      isNameNew: name !== undefined || ground.isNameNew === true,
    };
    return { context, target, address, token, hash, data, isNew: true, made: made.finalized, ...names };
  } catch (error) {
    if (name !== undefined && isChainRefusal(error, "NameExists")) throw nameTaken(target);
    const adopted = await adoptSameHash(context, target, { nodeTwinId, hash, error });
    if (!adopted) throw error;
    return adopted;
  }
}

/** What an interrupted run sent moments ago may have got into a block only now. */
async function adoptSameHash(
  context: EngineContext,
  target: DeploymentTarget,
  refused: { readonly nodeTwinId: number; readonly hash: string; readonly error: unknown },
): Promise<Work | undefined> {
  const { nodeTwinId, hash, error } = refused;
  if (!isChainRefusal(error, "ContractIsNotUnique")) return undefined;
  const contractId = await context.chain.getContractIdByHash(target.nodeId, hash, context.signal);
  const contract = contractId ? await context.chain.getContract(contractId, context.signal) : undefined;
  return contract?.kind === "node" ? adopt(context, target, { contract, nodeTwinId }) : undefined;
}

/** Takes over a contract of this lineage and role by writing a fresh token into its stamp; undefined when it has ended. */
async function adopt(
  context: EngineContext,
  target: DeploymentTarget,
  found: { readonly contract: NodeContract; readonly nodeTwinId: number },
): Promise<Work | undefined> {
  const { nodeTwinId } = found;
  const { contractId } = found.contract;
  // Renamed in the configuration, an object is made and destroyed in one walk, about the same contract.
  return context.ownContracts.exclusively(contractId, async () => {
    const contract = await context.chain.getContract(contractId, context.signal);
    if (contract?.kind !== "node") return undefined;
    const stamp = decodeStamp(contract.deploymentData);
    if (stamp?.lineage !== target.lineage || stamp.role !== target.role || contract.twinId !== context.twinId) {
      throw ownedByOtherProject(target, { contractId, twinId: contract.twinId, lineage: stamp?.lineage });
    }
    if (contract.state.kind === "GracePeriod") {
      throw inGrace(target.title, contractId, await getArrears(context, contract));
    }
    const work = workOn(context, target, { contract, nodeTwinId, token: context.randomHex(8) });
    await requireNoLoss(work);
    await setHash(work, contract.deploymentHash);
    context.warn(
      `${target.title}: took over contract ${contractId}`,
      "An earlier run made it for the same object, and it was not in state.",
    );
    return work;
  });
}

function workOn(
  context: EngineContext,
  target: DeploymentTarget,
  opened: { readonly contract: NodeContract; readonly nodeTwinId: number; readonly token: string },
): Work {
  const { contract, nodeTwinId, token } = opened;
  const { contractId, deploymentHash: hash, deploymentData: data } = contract;
  return { context, target, address: { nodeTwinId, contractId }, token, hash, data, isNew: false };
}

/** What is taken over must survive: it is refused before anything is touched. */
async function requireNoLoss({ context, target, address }: Work): Promise<void> {
  if (target.allowDataLoss) return;
  const view = await getFromNode(await context.nodes(), address, { signal: context.signal });
  const loses = view.kind === "present" ? planUpdate(view.deployment, target).loses : [];
  if (loses.length > 0) throw wouldLoseData(target, address.contractId, loses);
}

function reportOthers(context: EngineContext, target: DeploymentTarget, others: readonly NodeContract[]): void {
  if (others.length === 0) return;
  const ids = others.map(({ contractId }) => contractId).join(", ");
  context.warn(
    `${target.title}: more contracts carry its stamp`,
    `Contracts ${ids} were made for the same object and are not used. Cancel them: they bill.`,
  );
}

/** Asks a node whether it is there and fit, before anything is paid for. Gives its twin. */
async function requireFit(context: EngineContext, target: DeploymentTarget): Promise<number> {
  const { title, nodeId, workloads } = target;
  return askFirst(context, target, async (nodeTwinId) => {
    await requireFeatures(context, { title, nodeId, types: workloads.map(({ type }) => type) }, nodeTwinId);
    return nodeTwinId;
  });
}
