import type { ChainConnection } from "../chain-connection";
import { asText } from "./codec-json";

/** Reads a public note of an account; undefined when there is none of that key. */
export async function getNote(
  connection: ChainConnection,
  note: { readonly account: Uint8Array; readonly key: string },
  signal?: AbortSignal,
): Promise<string | undefined> {
  const key = `0x${Buffer.from(note.key, "utf8").toString("hex")}`;
  return connection.ask(async (session) => {
    const [value] = await session.read([["tfkvStore", "tfkvStore", note.account, key]]);
    return asText(value, "note") || undefined;
  }, signal);
}
