import { hasCode } from "../core/errors";
import type { Deployment } from "../model/deployment";
import { encodeDeploymentData } from "../model/deployment-data";
import type { EngineContext } from "./context";
import type { DeploymentTarget, StandingDeployment } from "./deployment-target";
import type { DeploymentAddress } from "./node/node-deployments";
import { MAX_DROPS, submit, untilFinal } from "./submit";

/** A deployment on its way to what is wanted. */
export interface Work {
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
  /** Settles when the block that made the contract is final; undefined for a contract that was there. */
  readonly made?: Promise<void>;
  /** The contract that reserves its name, once it is known. */
  nameContractId?: number;
  /** True when this very run made that, too, in one with the node contract. */
  readonly isNameNew?: boolean;
}

/** What state has to remember of it. @param deployment as the node has it; undefined when it was not waited for */
export function standingOf(work: Work, deployment?: Deployment): StandingDeployment {
  const { address, token, hash, isNew, nameContractId } = work;
  return { record: { contractId: address.contractId, token, hash, nameContractId }, isNew, deployment };
}

/** Label and stamp as they should stand on the contract. */
export function publicText({ target, token }: Pick<Work, "target" | "token">): string {
  return encodeDeploymentData(target.label, { lineage: target.lineage, role: target.role, token });
}

/**
 * Writes hash and stamp to the contract and waits until they are final: a node that meets an old hash marks every
 * workload of an update as failed and never tries again.
 */
export async function setHash(work: Work, hash: string): Promise<void> {
  const { context, address } = work;
  const data = publicText(work);
  const { contractId } = address;
  for (let drops = 1; ; drops++) {
    const [updated] = await submit(context, [
      { kind: "updateNodeContract", contractId, deploymentHash: hash, deploymentData: data },
    ]);
    work.hash = hash;
    work.data = data;
    try {
      if (updated) await untilFinal(context, updated.finalized);
      return;
    } catch (error) {
      if (!hasCode(error, "TFG_CHAIN_REORG") || drops >= MAX_DROPS) throw error;
      context.log("info", "hash written again: its block was dropped", { contract: contractId });
    }
  }
}
