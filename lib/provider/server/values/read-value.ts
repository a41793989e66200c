import { ExtData } from "@msgpack/msgpack";
import type { AttributePath } from "../../../core/errors";
import { type ObjectValue, UNKNOWN, type Value } from "../../schema/value";
import type { ObjectShape, Shape } from "./shape";

/** Thrown when something read does not have the shape its schema promises. */
export class ValueMisfit extends Error {
  constructor(
    /** Where, from the root of the block. */
    readonly path: AttributePath,
    /** What is wrong there, without the value itself: it may be a secret. */
    readonly problem: string,
  ) {
    super(`${path.join(".") || "the object"} ${problem}`);
  }
}

/**
 * Turns what a msgpack or JSON parser gave into a Value of the given shape. Members the shape does not know are dropped
 * and missing ones are null, which is also what a state written by an earlier schema needs.
 *
 * @throws {ValueMisfit}
 */
export function readValue(shape: Shape, loose: unknown, path: AttributePath = []): Value {
  if (loose === null || loose === undefined) return null;
  // Every extension means "unknown": type 12 carries hints about it, which nothing here uses.
  if (loose instanceof ExtData || loose instanceof Date) return UNKNOWN;
  switch (shape.kind) {
    case "string":
      if (typeof loose !== "string") throw new ValueMisfit(path, `is ${nameOf(loose)}, not a string`);
      return loose;
    case "bool":
      if (typeof loose !== "boolean") throw new ValueMisfit(path, `is ${nameOf(loose)}, not a bool`);
      return loose;
    case "number":
      return readNumber(loose, path);
    case "list":
    case "set":
      if (!Array.isArray(loose)) throw new ValueMisfit(path, `is ${nameOf(loose)}, not a ${shape.kind}`);
      return loose.map((item, index) => readValue(shape.element, item, [...path, index]));
    case "map":
      return mapEntries(recordOf(loose, "map", path), (key, item) => readValue(shape.element, item, [...path, key]));
    default:
      return readObject(shape, loose, path);
  }
}

/** Reads an object that is wholly there. @throws {ValueMisfit} */
export function readObject(shape: ObjectShape, loose: unknown, path: AttributePath = []): ObjectValue {
  const record = recordOf(loose, "object", path);
  const members = [...shape.members].map(
    ([name, member]) => [name, readValue(member.shape, record[name], [...path, name])] as const,
  );
  return Object.fromEntries(members);
}

/** The exact number behind decimal digits: bigint for whole numbers a double cannot hold. Undefined when it is none. */
export function parseNumber(digits: string): number | bigint | undefined {
  if (/^-?\d+$/.test(digits)) {
    const exact = BigInt(digits);
    return isSafe(exact) ? Number(exact) : exact;
  }
  const number = digits.trim() === "" ? Number.NaN : Number(digits);
  return Number.isFinite(number) ? number : undefined;
}

function readNumber(loose: unknown, path: AttributePath): number | bigint {
  if (typeof loose === "bigint") return isSafe(loose) ? Number(loose) : loose;
  if (typeof loose === "number" && Number.isFinite(loose)) return loose;
  // What fits neither an integer nor a double exactly travels as digits: large numbers, but also 0.1.
  const number = typeof loose === "string" ? parseNumber(loose) : undefined;
  if (number === undefined) throw new ValueMisfit(path, `is ${nameOf(loose)}, not a number`);
  return number;
}

function isSafe(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
}

function recordOf(loose: unknown, expected: string, path: AttributePath): Record<string, unknown> {
  if (typeof loose !== "object" || loose === null || Array.isArray(loose) || ArrayBuffer.isView(loose)) {
    throw new ValueMisfit(path, `is ${nameOf(loose)}, not ${expected === "object" ? "an object" : "a map"}`);
  }
  return loose as Record<string, unknown>;
}

function mapEntries(record: Record<string, unknown>, convert: (key: string, item: unknown) => Value): ObjectValue {
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, convert(key, item)]));
}

function nameOf(loose: unknown): string {
  if (loose === null) return "null";
  if (Array.isArray(loose)) return "a list";
  return typeof loose === "object" ? "an object" : `a ${typeof loose}`;
}
