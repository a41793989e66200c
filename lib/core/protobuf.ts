import { GridError } from "./errors";

/**
 * Reading and writing protobuf 3 messages by hand, field by field. Which fields a message has is the caller's affair;
 * what is here knows only the wire, and takes nothing on trust.
 *
 * @source protobuf encoding guide
 */

/** How the value of a field is laid out. Groups, which proto3 does not have, are refused. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Longest varint: 64 bits in groups of seven. */
const MAX_VARINT_BYTES = 10;

const MAX_FIELD_NUMBER = 0x1fff_ffff;

/** Refuses bytes that are not valid UTF-8 and keeps a leading byte order mark, which is part of the text. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The error of bytes that are not the message they claim to be. Code TFG_MALFORMED_MESSAGE. */
export class ProtobufError extends GridError {
  constructor(reason: string) {
    super({
      code: "TFG_MALFORMED_MESSAGE",
      summary: "A message from the other side cannot be read.",
      facts: { reason },
      standing: "The message was ignored.",
      remedy: "try again; if it happens each time, the other side speaks another protocol or version.",
    });
  }
}

/** Walks over the fields of a message in the order they were sent. Every read is bounded by the input. */
export class ProtoReader {
  readonly #buffer: Buffer;
  #at = 0;
  #number = 0;
  #wire = -1;

  constructor(message: Uint8Array) {
    this.#buffer = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  }

  /**
   * Steps to the next field, whose value must then be read or skipped; undefined at the end.
   *
   * @throws {ProtobufError} as do all reads, when the bytes are no protobuf or the field is of another wire type
   */
  field(): { readonly number: number; readonly wire: number } | undefined {
    if (this.#at === this.#buffer.length) return undefined;
    const tag = this.#varint();
    this.#number = Number(tag >> 3n);
    this.#wire = Number(tag & 7n);
    if (this.#number < 1 || this.#number > MAX_FIELD_NUMBER) throw new ProtobufError("a field number is out of range");
    return { number: this.#number, wire: this.#wire };
  }

  /** A number as 64 unsigned bits. */
  uint64(): bigint {
    this.#expect(WireType.varint);
    return this.#varint();
  }

  /** A number that may be negative; beyond 53 bits it is refused rather than rounded. */
  int64(): number {
    const value = Number(BigInt.asIntN(64, this.uint64()));
    if (Number.isSafeInteger(value)) return value;
    throw new ProtobufError(`field ${this.#number} holds a number of more than 53 bits`);
  }

  /** An unsigned number, refused when larger than `max`. @default max 2^53 - 1 */
  uint(max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.uint64();
    if (value <= BigInt(max)) return Number(value);
    throw new ProtobufError(`field ${this.#number} holds ${value}, more than ${max}`);
  }

  /** Bytes, or an embedded message: a view of the input, not a copy. */
  bytes(): Buffer {
    this.#expect(WireType.bytes);
    return this.#take(this.#varint());
  }

  /** Text, which must be valid UTF-8. */
  string(): string {
    const bytes = this.bytes();
    try {
      return utf8.decode(bytes);
    } catch {
      // The decoder's own error says no more than this one.
      throw new ProtobufError(`field ${this.#number} is not valid UTF-8`);
    }
  }

  /** Passes over the value of a field that nobody asked for. */
  skip(wire: number = this.#wire): void {
    if (wire === WireType.varint) this.#varint();
    else if (wire === WireType.bytes) this.#take(this.#varint());
    else if (wire === WireType.fixed64) this.#take(8n);
    else if (wire === WireType.fixed32) this.#take(4n);
    else throw new ProtobufError(`field ${this.#number} has the unknown wire type ${wire}`);
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) throw new ProtobufError(`field ${this.#number} has wire type ${this.#wire}, not ${wire}`);
  }

  #varint(): bigint {
    let value = 0n;
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = this.#buffer[this.#at];
      if (byte === undefined) throw endsEarly();
      this.#at++;
      // Nearly all numbers are lengths and tags of one byte.
      if (count === 0 && byte < 0x80) return BigInt(byte);
      value |= BigInt(byte & 0x7f) << BigInt(7 * count);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError("a number has more than 64 bits");
  }

  #take(length: bigint): Buffer {
    if (length > BigInt(this.#buffer.length - this.#at)) throw endsEarly();
    const start = this.#at;
    this.#at += Number(length);
    return this.#buffer.subarray(start, this.#at);
  }
}

function endsEarly(): ProtobufError {
  return new ProtobufError("it ends in the middle of a field");
}

/** Builds a message field by field. What is written is always sent: leaving out default values is up to the caller. */
export class ProtoWriter {
  readonly #parts: Uint8Array[] = [];

  /** An integer of up to 64 bits; negative ones travel as two's complement, booleans as 0 and 1. */
  varint(number: number, value: number | bigint): this {
    this.#parts.push(varintBytes(number * 8), varintBytes(BigInt.asUintN(64, BigInt(value))));
    return this;
  }

  /** Bytes or an embedded message as they are, text as UTF-8. */
  bytes(number: number, value: Uint8Array | string): this {
    const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
    this.#parts.push(varintBytes(number * 8 + WireType.bytes), varintBytes(bytes.length), bytes);
    return this;
  }

  /** Everything written so far. */
  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Small numbers, which nearly all are, by their one byte. */
const ONE_BYTE = Array.from({ length: 0x80 }, (_, value) => Uint8Array.of(value));

function varintBytes(value: number | bigint): Uint8Array {
  const short = value < ONE_BYTE.length ? ONE_BYTE[Number(value)] : undefined;
  if (short) return short;
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
