import type { Tenancy } from "../../clients";
import type { ChainConnection } from "../chain-connection";
import { asList, asNumber, asStruct } from "./codec-json";

/** Reads who may deploy on a node, and what stands there. The node exists. */
export async function getTenancy(connection: ChainConnection, nodeId: number, signal?: AbortSignal): Promise<Tenancy> {
  return connection.ask(async (session) => {
    const [record, rent, extraFee, contracts] = await session.read([
      ["tfgridModule", "nodes", nodeId],
      ["smartContractModule", "activeRentContractForNode", nodeId],
      ["smartContractModule", "dedicatedNodesExtraFee", nodeId],
      ["smartContractModule", "activeNodeContracts", nodeId],
    ]);
    const farmId = asNumber(asStruct(record, "node").farmId, "farm id");
    const [farm] = await session.read([["tfgridModule", "farms", farmId]]);
    return {
      rentContractId: rent === null ? undefined : asNumber(rent, "contract id") || undefined,
      isInDedicatedFarm: asStruct(farm, "farm").dedicatedFarm === true,
      extraFee: asNumber(extraFee, "extra fee"),
      contractIds: asList(contracts, "contract ids").map((id) => asNumber(id, "contract id")),
    };
  }, signal);
}
