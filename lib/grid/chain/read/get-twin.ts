import { GridError } from "../../../core/errors";
import type { KeyPair } from "../../../model/key-pair";
import type { Twin } from "../../../model/twin";
import type { ChainConnection } from "../chain-connection";
import { asNumber } from "./codec-json";
import { decodeTwin } from "./decode-twin";

/** Reads a twin by number. */
export async function getTwin(
  connection: ChainConnection,
  twinId: number,
  signal?: AbortSignal,
): Promise<Twin | undefined> {
  return connection.ask(async (session) => {
    const [record] = await session.read([["tfgridModule", "twins", twinId]]);
    return record === null ? undefined : decodeTwin(record);
  }, signal);
}

/**
 * Reads the twin of an account.
 *
 * @throws {GridError} TFG_NO_TWIN when the account has none on this network
 */
export async function requireTwin(connection: ChainConnection, account: KeyPair, signal?: AbortSignal): Promise<Twin> {
  const twinId = await connection.ask(async (session) => {
    const [id] = await session.read([["tfgridModule", "twinIdByAccountID", account.publicKey]]);
    return id === null ? undefined : asNumber(id, "twin id");
  }, signal);
  const twin = twinId === undefined ? undefined : await getTwin(connection, twinId, signal);
  if (twin === undefined) throw noTwin(account);
  return twin;
}

function noTwin(account: KeyPair): GridError {
  return new GridError({
    code: "TFG_NO_TWIN",
    summary: "The account has no twin on this network.",
    facts: { account: account.address, "key type": account.keyType },
    standing: "Nothing was started.",
    remedy:
      "create the twin first (any ThreeFold dashboard does it), or check the network and the key type: the same mnemonic is another account under the other type.",
  });
}
