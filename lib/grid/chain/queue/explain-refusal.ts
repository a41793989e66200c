import { type Facts, GridError } from "../../../core/errors";
import type { ContractCall } from "../../../model/call";
import type { ChainConnection } from "../chain-connection";
import { getContracts } from "../read/get-contract";
import { getNode } from "../read/get-node";
import { getTenancy } from "../read/get-tenancy";

/**
 * Adds to a refusal what the chain leaves out: `NodeNotAvailableToDeploy` stands for five reasons. Any other error, and
 * one whose reasons cannot be read now, is given back as it is.
 */
export async function explainRefusal(
  connection: ChainConnection,
  calls: readonly ContractCall[],
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof GridError) || error.facts.error !== "NodeNotAvailableToDeploy") return error;
  const nodeId = calls.map((call) => ("nodeId" in call ? call.nodeId : undefined)).find((id) => id !== undefined);
  if (nodeId === undefined) return error;
  try {
    const facts = { ...error.facts, node: nodeId, ...(await readReasons(connection, nodeId)) };
    const { code, summary, standing, remedy } = error;
    return new GridError({ code: code as `TFG_${string}`, summary, standing, remedy, facts });
  } catch {
    // The refusal itself is what matters; why is a courtesy.
    return error;
  }
}

async function readReasons(connection: ChainConnection, nodeId: number): Promise<Facts> {
  const [node, tenancy] = await Promise.all([getNode(connection, nodeId), getTenancy(connection, nodeId)]);
  const { rentContractId, isInDedicatedFarm, extraFee, contractIds } = tenancy;
  const [rent] = rentContractId === undefined ? [] : await getContracts(connection, [rentContractId]);
  return {
    power: node?.isStandby ? "off or on its way there" : "on",
    "rented by": rent === undefined ? "nobody" : `twin ${rent.twinId}`,
    "dedicated to one renter": isInDedicatedFarm || extraFee > 0 ? "yes" : "no",
    "live contracts on it": contractIds.length,
  };
}
