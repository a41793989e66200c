import { Decoder, Encoder, ExtData } from "@msgpack/msgpack";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "../../schema/value";
import type { Message } from "../wire/messages";
import { parseLossless } from "./lossless";
import { readObject, ValueMisfit } from "./read-value";
import type { ObjectShape } from "./shape";

/** The payload of an unknown is ignored by Terraform; one zero byte is what its own encoder writes. */
const unknownExtension = new ExtData(0, Uint8Array.of(0));

/** Reads a whole block; null is an absent object. @throws {ValueMisfit} */
export function readDynamicValue(shape: ObjectShape, wire: Message<"DynamicValue"> | undefined): ObjectValue | null {
  if (!wire) return null;
  const loose = wire.msgpack.length > 0 ? readMsgpack(wire.msgpack) : readJson(wire.json);
  return loose === null || loose === undefined ? null : readObject(shape, loose);
}

/** Writes a whole block that {@link readDynamicValue} can read. The value must conform to its schema already. */
export function writeDynamicValue(value: ObjectValue | null): { readonly msgpack: Uint8Array } {
  return { msgpack: new Encoder().encode(looseOf(value)) };
}

function readMsgpack(bytes: Uint8Array): unknown {
  try {
    return new Decoder({ useBigInt64: true }).decode(bytes);
  } catch {
    // The decoder's own message can quote what it read, which may be a secret.
    throw new ValueMisfit([], "is not valid msgpack");
  }
}

function readJson(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? null : parseLossless(Buffer.from(bytes).toString("utf8"));
}

function looseOf(value: Value): unknown {
  if (value === UNKNOWN) return unknownExtension;
  if (typeof value === "number") return looseNumber(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(looseOf);
  if (!isObjectValue(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, looseOf(member)]));
}

/**
 * Terraform computes with exact decimals: a double for 0.1 would arrive as 0.1000000000000000055… and differ from what
 * the user wrote, so everything but plain integers goes out as digits.
 */
function looseNumber(value: number): number | string {
  if (Number.isSafeInteger(value)) return value;
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}
