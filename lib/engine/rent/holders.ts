import type { NodeContract } from "../../model/contract";
import { decodeStamp } from "../../model/deployment-data";
import type { EngineContext } from "../context";
import type { Holder } from "./rent-errors";

/** Live node contracts of a node among those numbers. */
export async function listHolders(
  context: EngineContext,
  contractIds: readonly number[],
): Promise<readonly NodeContract[]> {
  const contracts = await context.chain.getContracts(contractIds, context.signal);
  return contracts.filter((contract): contract is NodeContract => contract?.kind === "node");
}

/** Whose a contract is: another twin's, an object of a project of this account, or another client's. */
export function holderOf({ twinId }: Pick<EngineContext, "twinId">, contract: NodeContract): Holder {
  const { contractId } = contract;
  if (contract.twinId !== twinId) return { contractId, owner: `of twin ${contract.twinId}` };
  const stamp = decodeStamp(contract.deploymentData);
  return { contractId, owner: stamp ? `yours: ${stamp.lineage} ${stamp.role}` : "yours, made by another client" };
}
