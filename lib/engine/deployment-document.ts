import { type Deployment, deploymentHash, validateDeployment } from "../model/deployment";
import { type AnyWorkload, UNTOUCHED } from "../model/workloads/workload";
import type { DeploymentTarget } from "./deployment-target";
import { invalidDeployment } from "./errors";

/** What a document says beside the target's texts. */
interface DocumentContent {
  /** Owner. */
  readonly twinId: number;
  /** Not hashed; 0 while there is no contract. */
  readonly contractId: number;
  /** Version of the deployment. */
  readonly version: number;
  /** Every workload, with its version. */
  readonly workloads: readonly AnyWorkload[];
}

/** Builds the document that is hashed, signed and sent. Only the owner signs. */
export function documentOf(target: DeploymentTarget, content: DocumentContent): Deployment {
  return {
    version: content.version,
    twin_id: content.twinId,
    contract_id: content.contractId,
    metadata: target.metadata,
    description: target.description,
    expiration: 0,
    signature_requirement: {
      requests: [{ twin_id: content.twinId, required: false, weight: 1 }],
      weight_required: 1,
      signatures: [],
      signature_style: "",
    },
    workloads: [...content.workloads],
  };
}

/** The document of a creation: every version 0, as nodes demand. */
export function initialDocument(target: DeploymentTarget, twinId: number, contractId: number): Deployment {
  const workloads = target.workloads.map((workload) => ({ ...workload, version: 0, result: UNTOUCHED }));
  return documentOf(target, { twinId, contractId, version: 0, workloads });
}

/**
 * Hash of what is wanted, all versions 0: it changes exactly when the content does, and at creation it is the hash on
 * the chain, so that what was reviewed in the plan is what is signed.
 */
export function contentHash(target: DeploymentTarget, twinId: number): string {
  return deploymentHash(initialDocument(target, twinId, 0));
}

/** What a node has, in the order we hash; nodes answer in any order. */
export function documentInOrder(target: DeploymentTarget, current: Deployment): Deployment {
  const versions = new Map(current.workloads.map(({ name, version }) => [name, version]));
  const workloads = target.workloads.map((workload) => ({
    ...workload,
    version: versions.get(workload.name) ?? 0,
    result: UNTOUCHED,
  }));
  const { twin_id: twinId, contract_id: contractId, version } = current;
  return documentOf(target, { twinId, contractId, version, workloads });
}

/** Refuses what a node would refuse on sight. @throws {GridError} TFG_INVALID_DEPLOYMENT in the node's words */
export function requireValid(target: DeploymentTarget, twinId: number): void {
  const problem = validateDeployment(initialDocument(target, twinId, 0));
  if (problem !== undefined) throw invalidDeployment(target, problem);
}
