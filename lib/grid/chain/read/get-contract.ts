import type { Contract } from "../../../model/contract";
import type { ChainConnection } from "../chain-connection";
import { decodeContract } from "./decode-contract";

/**
 * Reads live contracts in one round trip, in the order asked. Undefined means ended or never made: the chain removes a
 * contract in the block that ends it.
 */
export async function getContracts(
  connection: ChainConnection,
  contractIds: readonly number[],
  signal?: AbortSignal,
): Promise<(Contract | undefined)[]> {
  if (contractIds.length === 0) return [];
  return connection.ask(async (session) => {
    const records = await session.read(contractIds.map((id) => ["smartContractModule", "contracts", id]));
    return records.map((record) => (record === null ? undefined : decodeContract(record)));
  }, signal);
}
