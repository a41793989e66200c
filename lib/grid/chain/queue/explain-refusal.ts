import { type Facts, GridError } from "../../../core/errors";
import type { ContractCall } from "../../../model/call";
import type { ChainConnection } from "../chain-connection";
import { asList, asNumber, asStruct } from "../read/codec-json";
import { getContracts } from "../read/get-contract";
import { getRentContractId } from "../read/get-contract-ids";
import { getNode } from "../read/get-node";

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
  const [node, rentId, [fee, live, farm]] = await Promise.all([
    getNode(connection, nodeId),
    getRentContractId(connection, nodeId),
    connection.ask(async (session) => {
      const [record, extraFee, contracts] = await session.read([
        ["tfgridModule", "nodes", nodeId],
        ["smartContractModule", "dedicatedNodesExtraFee", nodeId],
        ["smartContractModule", "activeNodeContracts", nodeId],
      ]);
      const farmId = asNumber(asStruct(record, "node").farmId, "farm id");
      return [extraFee, contracts, (await session.read([["tfgridModule", "farms", farmId]]))[0]];
    }),
  ]);
  const [rent] = rentId === undefined ? [] : await getContracts(connection, [rentId]);
  const extraFee = asNumber(fee, "extra fee");
  return {
    power: node?.isStandby ? "off or on its way there" : "on",
    "rented by": rent === undefined ? "nobody" : `twin ${rent.twinId}`,
    "dedicated to one renter": asStruct(farm, "farm").dedicatedFarm === true || extraFee > 0 ? "yes" : "no",
    "live contracts on it": asList(live, "contract ids").length,
  };
}
