import type { PrivateData } from "../../resource";
import { ValueMisfit } from "../values/read-value";

/** Reads the private bytes of an object: a JSON object, or nothing. @throws {ValueMisfit} */
export function readPrivate(bytes: Uint8Array): PrivateData {
  if (bytes.length === 0) return {};
  const data = parse(Buffer.from(bytes).toString("utf8"));
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new ValueMisfit([], "has private data that this provider did not write");
  }
  return data as PrivateData;
}

/** Writes private data; nothing becomes no bytes. */
export function writePrivate(data: PrivateData): Uint8Array {
  return Object.keys(data).length === 0 ? new Uint8Array() : Buffer.from(JSON.stringify(data));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Answered by the caller's misfit: the parser's message would quote the data.
    return undefined;
  }
}
