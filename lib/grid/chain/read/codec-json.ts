import { quote } from "../../../core/errors";

/** A struct as the codecs print it: camel case names. */
export type CodecStruct = Readonly<Record<string, unknown>>;

/** Reads a struct. @throws when it is something else */
export function asStruct(value: unknown, what: string): CodecStruct {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as CodecStruct;
  throw unreadable(what, value);
}

/** Reads a list. @throws when it is something else */
export function asList(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unreadable(what, value);
}

/** Reads an unsigned integer: small ones are printed as numbers, those over 2^53 as big-endian hex. */
export function asBigint(value: unknown, what: string): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === "string" && /^0x[0-9a-f]+$/.test(value)) return BigInt(value);
  throw unreadable(what, value);
}

/** Reads an unsigned integer that fits a number. @throws when it does not */
export function asNumber(value: unknown, what: string): number {
  const number = Number(asBigint(value, what));
  if (Number.isSafeInteger(number)) return number;
  throw unreadable(what, value);
}

/** Reads bytes, which are printed as hex. */
export function asBytes(value: unknown, what: string): Uint8Array {
  if (typeof value === "string" && /^0x(?:[0-9a-f]{2})*$/.test(value)) return Buffer.from(value.slice(2), "hex");
  throw unreadable(what, value);
}

/** Reads bytes that are text. Bytes that are no UTF-8 come out as replacement characters: the chain checks nothing. */
export function asText(value: unknown, what: string): string {
  return Buffer.from(asBytes(value, what)).toString("utf8");
}

/**
 * Reads an enum: its variant in camel case and what the variant holds. Enums without any data are printed as bare
 * names in Pascal case.
 */
export function asVariant(value: unknown, what: string): readonly [variant: string, content: unknown] {
  if (typeof value === "string" && value !== "") return [value.charAt(0).toLowerCase() + value.slice(1), null];
  const [entry, ...others] = Object.entries(asStruct(value, what));
  if (entry === undefined || others.length > 0) throw unreadable(what, value);
  return entry;
}

/** The error for a value that is not what the metadata promised. */
export function unreadable(what: string, value: unknown): Error {
  return new Error(`the chain's ${what} cannot be read: ${quote(value)}`);
}
