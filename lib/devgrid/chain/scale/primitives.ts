import { ScaleError } from "./bytes";
import type { Codec } from "./codec";
import type { TypeDescription } from "./type-table";
import { compositeOf, field } from "./type-table";

type PrimitiveName = "bool" | "str" | "u8" | "u16" | "u32" | "u64" | "u128";

const primitive = (value: PrimitiveName): TypeDescription => ({ def: { kind: "primitive", value } });

const sequenceOf = (type: number): TypeDescription => ({ def: { kind: "sequence", value: { type } } });

const compactOf = (type: number): TypeDescription => ({ def: { kind: "compact", value: { type } } });

/** The largest u64; a JavaScript number that was rounded past it is cut back to it. */
const U64_MAX = (1n << 64n) - 1n;

function unsigned(name: PrimitiveName, width: number): Codec<number> {
  return {
    describe: (types) => types.anonymous(primitive(name)),
    encode: (value, out) => out.uint(toUnsigned(value), width),
    decode: (input) => Number(input.uint(width)),
  };
}

function toUnsigned(value: number): bigint {
  if (!Number.isInteger(value)) throw new ScaleError(`${value} is not an integer`);
  const big = BigInt(value);
  return big > U64_MAX ? U64_MAX : big;
}

/** 0 to 255. */
export const u8 = unsigned("u8", 1);
/** 0 to 65 535. */
export const u16 = unsigned("u16", 2);
/** 0 to 2^32 − 1. */
export const u32 = unsigned("u32", 4);
/** 0 to 2^64 − 1, as a number: what lies above 2^53 is rounded. */
export const u64 = unsigned("u64", 8);

/** Money, exact. */
export const u128: Codec<bigint> = {
  describe: (types) => types.anonymous(primitive("u128")),
  encode: (value, out) => out.uint(value, 16),
  decode: (input) => input.uint(16),
};

/** True or false; any other byte is refused. */
export const bool: Codec<boolean> = {
  describe: (types) => types.anonymous(primitive("bool")),
  encode: (value, out) => out.uint(value ? 1n : 0n, 1),
  decode: (input) => {
    const byte = input.uint(1);
    if (byte > 1n) throw new ScaleError(`${byte} is no bool`);
    return byte === 1n;
  },
};

/** UTF-8 text; metadata and versions only, pallets use bytes. */
export const str: Codec<string> = {
  describe: (types) => types.anonymous(primitive("str")),
  encode: (value, out) => {
    out.compact(Buffer.byteLength(value));
    out.bytes(Buffer.from(value));
  },
  decode: (input) => input.take(input.length()).toString(),
};

/** The empty value. */
export const unit: Codec<null> = {
  describe: (types) => types.anonymous({ def: { kind: "tuple", value: [] } }),
  encode: () => undefined,
  decode: () => null,
};

/** The empty value where a compact one is asked for. */
export const compactUnit: Codec<null> = {
  ...unit,
  describe: (types) => types.anonymous(compactOf(unit.describe(types))),
};

/** A compact number of at most 64 bits. */
export function compact(inner: Codec<number>): Codec<number> {
  return {
    describe: (types) => types.anonymous(compactOf(inner.describe(types))),
    encode: (value, out) => out.compact(toUnsigned(value)),
    decode: (input) => {
      const value = input.compact();
      if (value > U64_MAX) throw new ScaleError(`${value} is too large`);
      return Number(value);
    },
  };
}

/** A compact amount of money. */
export const compactU128: Codec<bigint> = {
  describe: (types) => types.anonymous(compactOf(u128.describe(types))),
  encode: (value, out) => out.compact(value),
  decode: (input) => input.compact(),
};

/**
 * Bytes as a text of one character per byte, which keeps them comparable, printable where they are ASCII, and exact.
 * With `max`, longer ones fail to decode, which is how the runtime refuses an over-long bounded vector.
 */
export function bytes(max?: number): Codec<string> {
  const check = (length: number) => {
    if (max !== undefined && length > max) throw new ScaleError(`${length} bytes where ${max} are allowed`);
  };
  return {
    describe: (types) => {
      const type = types.anonymous(sequenceOf(u8.describe(types)));
      return max === undefined ? type : types.anonymous(boundedVec(type));
    },
    encode: (value, out) => {
      check(value.length);
      out.compact(value.length);
      out.bytes(Buffer.from(value, "latin1"));
    },
    decode: (input) => {
      const length = input.length();
      check(length);
      return input.take(length).toString("latin1");
    },
  };
}

/** The name clients know bounded vectors by. */
export function boundedVec(sequence: number): TypeDescription {
  return { path: "bounded_collections::bounded_vec::BoundedVec", def: compositeOf([field(sequence)]) };
}

/** An exact number of bytes, one character per byte. */
export function fixedBytes(length: number): Codec<string> {
  return fixed(length, "latin1");
}

/** An exact number of bytes as lower-case hex digits without `0x`. */
export function fixedHex(length: number): Codec<string> {
  return fixed(length, "hex");
}

function fixed(length: number, encoding: "latin1" | "hex"): Codec<string> {
  return {
    describe: (types) => types.anonymous({ def: { kind: "array", value: { len: length, type: u8.describe(types) } } }),
    encode: (value, out) => {
      const bytesOf = Buffer.from(value, encoding);
      if (bytesOf.length !== length) throw new ScaleError(`${bytesOf.length} bytes where ${length} are needed`);
      out.bytes(bytesOf);
    },
    decode: (input) => input.take(length).toString(encoding),
  };
}
