import type { ChainConnection } from "../chain-connection";
import { asBigint, asStruct } from "./codec-json";

/**
 * Reads what bills of a contract found no money for, in chain units. Undefined for a contract that has ended, and on
 * chains that do not tell.
 *
 * @source tfchain spec 152 metadata, pallet_smart_contract::types::ContractPaymentState; absent up to spec 149
 */
export async function getOverdraft(
  connection: ChainConnection,
  contractId: number,
  signal?: AbortSignal,
): Promise<bigint | undefined> {
  return connection.ask(async (session) => {
    if (session.codecs.query.smartContractModule?.contractPaymentState === undefined) return undefined;
    const [record] = await session.read([["smartContractModule", "contractPaymentState", contractId]]);
    return record === null ? undefined : decodeOverdraft(record);
  }, signal);
}

/** Adds up what is owed at the price list and to the farmer. */
export function decodeOverdraft(json: unknown): bigint {
  const { standardOverdraft, additionalOverdraft } = asStruct(json, "contract payment state");
  return asBigint(standardOverdraft, "overdraft") + asBigint(additionalOverdraft, "additional overdraft");
}
