/**
 * Reads hostile JSON into typed, normalised values the way the node's decoder does: unknown keys are ignored, keys match
 * whatever their case (the last one wins), null counts as absent, and what is absent takes the type's zero value.
 *
 * @source Go encoding/json, which zosbase uses throughout, and observed
 */
import { GridError } from "../../core/errors";
import { formatCidr, formatIp, parseCidr, parseIp } from "./ip-address";

/** Turns a JSON value into a typed one; `path` says where it stands, for errors. */
export type Reader<T> = (value: unknown, path: string) => T;

/** One reader per field, under the field's wire name. */
export type FieldReaders<T> = { readonly [K in keyof T]-?: Reader<T[K]> };

/** True or false; absent is false. */
export const flag: Reader<boolean> = (value, path) => {
  if (isAbsent(value)) return false;
  if (typeof value !== "boolean") throw malformed(path, "true or false", value);
  return value;
};

/** Text; absent is empty. Lone surrogates become U+FFFD, as they do in UTF-8. */
export const text: Reader<string> = (value, path) => {
  if (isAbsent(value)) return "";
  if (typeof value !== "string") throw malformed(path, "a text");
  return value.replace(/\p{Surrogate}/gu, "\ufffd");
};

/** A whole number of at most so many bits; absent is 0. */
export function unsigned(bits: 8 | 16 | 32): Reader<number> {
  return wholeNumber(0, 2 ** bits - 1);
}

/**
 * A whole number of 64 bits; absent is 0. Beyond 2^53 JavaScript has already lost digits, and a wrong digit is a wrong
 * hash, so such numbers are refused although the node takes them.
 */
export const unsigned64: Reader<number> = wholeNumber(0, Number.MAX_SAFE_INTEGER);

/** Seconds since the epoch, or a date of RFC 3339; absent is 0. */
export const timestamp: Reader<number> = (value, path) => {
  if (typeof value !== "string") return wholeNumber(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)(value, path);
  const seconds = rfc3339Seconds(value);
  if (seconds === undefined) throw malformed(path, "a timestamp or an ISO-8601 date");
  return seconds;
};

/** An address in its canonical form; absent or empty is empty. */
export const ipAddress: Reader<string> = (value, path) => {
  const given = text(value, path);
  const parsed = parseIp(given);
  if (given !== "" && !parsed) throw malformed(path, "an IP address");
  return parsed ? formatIp(parsed) : "";
};

/** A block in its canonical form, host bits kept; absent or empty is empty. */
export const cidrBlock: Reader<string> = (value, path) => {
  const given = text(value, path);
  const parsed = parseCidr(given);
  if (given !== "" && !parsed) throw malformed(path, "an address block such as 10.20.2.0/24");
  return parsed ? formatCidr(parsed) : "";
};

/** Bytes as hexadecimal digits, lower-cased; absent is empty. The value may be a key and is never quoted. */
export const hexBytes: Reader<string> = (value, path) => {
  const given = text(value, path);
  const problem = hexProblem(given);
  if (problem) throw malformed(path, `hexadecimal digits (${problem})`);
  return given.toLowerCase();
};

/** A list; absent is empty. */
export function listOf<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (isAbsent(value)) return [];
    if (!Array.isArray(value)) throw malformed(path, "a list");
    return value.map((each: unknown, i) => item(each, `${path}[${i}]`));
  };
}

/** An object with free keys; absent is empty. Keys keep their case. */
export function mapOf<T>(item: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) => {
    if (isAbsent(value)) return {};
    const entries = Object.entries(asObject(value, path));
    return Object.fromEntries(entries.map(([key, each]) => [text(key, path), item(each, `${path}.${key}`)]));
  };
}

/** A value that may be missing altogether: absent stays undefined instead of becoming a zero value. */
export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value, path) => (isAbsent(value) ? undefined : reader(value, path));
}

/** An object with these fields; absent gives an object of zero values. Fields read as undefined are left out. */
export function struct<T extends object>(fields: FieldReaders<T>): Reader<T> {
  const readers = Object.entries<Reader<unknown>>(fields);
  return (value, path) => {
    const given = isAbsent(value) ? new Map<string, unknown>() : foldedFields(asObject(value, path));
    const read = readers.map(([name, reader]) => [name, reader(given.get(foldKey(name)), `${path}.${name}`)] as const);
    return Object.fromEntries(read.filter(([, each]) => each !== undefined)) as T;
  };
}

/** Anything, as it came. */
export const raw: Reader<unknown> = (value) => value;

/** Null and absent are one to the node. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** Why a text is not hexadecimal, in the words of the node's decoder; undefined when it is. @source Go encoding/hex */
export function hexProblem(given: string): string | undefined {
  const stray = /[^0-9a-fA-F]/u.exec(given)?.[0];
  if (stray !== undefined) {
    const byte = Buffer.from(stray)[0] ?? 0;
    const shown = byte < 0x20 || byte === 0x7f ? "" : ` '${String.fromCharCode(byte)}'`;
    return `encoding/hex: invalid byte: U+${byte.toString(16).toUpperCase().padStart(4, "0")}${shown}`;
  }
  return given.length % 2 === 1 ? "encoding/hex: odd length hex string" : undefined;
}

/** An error that names the place. Only a number or flag out of place is shown: anything else may be a secret. */
export function malformed(path: string, expected: string, shown?: unknown): GridError {
  const got = typeof shown === "number" || typeof shown === "boolean" ? `, got ${shown}` : "";
  return new GridError({
    code: "TFG_MALFORMED",
    summary: `${path} must be ${expected}${got}`,
    remedy: `correct ${path}.`,
  });
}

function wholeNumber(min: number, max: number): Reader<number> {
  return (value, path) => {
    if (isAbsent(value)) return 0;
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
      throw malformed(path, `a whole number from ${min} to ${max}`, value);
    }
    return value;
  };
}

/** The decoder folds ASCII letters, and the two characters that Unicode folds into ASCII: the Kelvin sign and long s. */
function foldKey(key: string): string {
  return key.replaceAll("\u017f", "s").toLowerCase();
}

function foldedFields(value: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const present = Object.entries(value).filter(([, each]) => !isAbsent(each));
  return new Map(present.map(([key, each]) => [foldKey(key), each]));
}

function asObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(path, "an object");
  return value as Record<string, unknown>;
}

/** Whole seconds of a date such as `2024-02-29T12:00:00Z`; undefined when it is none. */
function rfc3339Seconds(date: string): number | undefined {
  const match =
    /^(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:[.,]\d+)?(Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/.exec(date);
  const [, local = "", zone, sign, hours, minutes] = match ?? [];
  const ms = Date.parse(`${local}Z`);
  // A day that the month does not have rolls over in JavaScript; the node refuses it.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(local)) return undefined;
  const offset = zone === "Z" ? 0 : (Number(hours) * 3600 + Number(minutes) * 60) * (sign === "-" ? -1 : 1);
  return ms / 1000 - offset;
}
