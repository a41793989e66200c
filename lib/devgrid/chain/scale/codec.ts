import { ByteReader, ByteWriter, ScaleError } from "./bytes";
import type { TypeTable } from "./type-table";

/**
 * One type of the chain: how it is described in metadata and how its values travel. The TypeScript type of the values
 * follows from the description, so pallets, runtime and wire cannot drift apart.
 */
export interface Codec<T> {
  /** Number of this type in the portable registry. */
  describe(types: TypeTable): number;
  encode(value: T, out: ByteWriter): void;
  /** @throws {ScaleError} when the bytes are no value of this type, bounds included. */
  decode(input: ByteReader): T;
}

/** A codec whose value type does not matter. */
export type AnyCodec = Codec<unknown>;

/** The values of a codec. */
export type TypeOf<C> = C extends Codec<infer T> ? T : never;

/** Encodes one value. */
export function encodeValue<T>(codec: Codec<T>, value: T): Buffer {
  const out = new ByteWriter();
  codec.encode(value, out);
  return out.finish();
}

/** Decodes bytes that hold one value and nothing else. @throws {ScaleError} */
export function decodeValue<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const input = new ByteReader(bytes);
  const value = codec.decode(input);
  if (input.left > 0) throw new ScaleError(`${input.left} bytes too many`);
  return value;
}
