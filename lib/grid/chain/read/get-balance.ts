import type { Balance } from "../../clients";
import type { ChainConnection } from "../chain-connection";
import { asBigint, asStruct } from "./codec-json";

/** Reads what an account can spend, in chain units. An account that was never funded has nothing. */
export async function getBalance(
  connection: ChainConnection,
  account: Uint8Array,
  signal?: AbortSignal,
): Promise<Balance> {
  return connection.ask(async (session) => {
    const [record] = await session.read([["system", "account", account]]);
    const deposit = session.codecs.consts.balances?.existentialDeposit?.toJSON();
    return decodeBalance(record, asBigint(deposit, "existential deposit"));
  }, signal);
}

/**
 * Reads an account record. Contract payments are held in `reserved` from spec 152 on and were frozen before: taking
 * both from the free balance is right for either.
 *
 * @param mustStay the existential deposit: a call may not spend the last of an account
 */
export function decodeBalance(json: unknown, mustStay: bigint): Balance {
  const data = asStruct(asStruct(json, "account").data, "account data");
  const free = asBigint(data.free, "free balance");
  const frozen = asBigint(data.frozen, "frozen balance");
  const held = frozen > mustStay ? frozen : mustStay;
  return { free, reserved: asBigint(data.reserved, "reserved balance"), usable: free > held ? free - held : 0n };
}
