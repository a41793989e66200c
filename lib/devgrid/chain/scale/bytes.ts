/** Bytes that do not read as the type asked for, or a value its type cannot hold. */
export class ScaleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ScaleError";
  }
}

/** Reads SCALE bytes front to back; every read past the end is a `ScaleError`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes consumed so far. */
  get position(): number {
    return this.#position;
  }

  /** Bytes not consumed yet. */
  get left(): number {
    return this.#bytes.length - this.#position;
  }

  /** The next `length` bytes, a view and no copy. */
  take(length: number): Buffer {
    if (length > this.left) throw new ScaleError(`${length} bytes wanted, ${this.left} left`);
    const start = this.#position;
    this.#position += length;
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }

  /** A little-endian integer of 1 to 16 bytes. */
  uint(width: number): bigint {
    const bytes = this.take(width);
    if (width <= 6) return BigInt(bytes.readUIntLE(0, width));
    let value = 0n;
    for (let index = width - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index] ?? 0);
    return value;
  }

  /** A compact integer; only its shortest form is accepted, as in the runtime. */
  compact(): bigint {
    const first = this.take(1)[0] ?? 0;
    const mode = first & 3;
    if (mode === 0) return BigInt(first >> 2);
    if (mode === 3) return this.#bigCompact((first >> 2) + 4);
    this.#position -= 1;
    const width = mode === 1 ? 2 : 4;
    return canonical(this.uint(width) >> 2n, mode === 1 ? 1n << 6n : 1n << 14n);
  }

  /** A compact integer used as a length; it cannot exceed the bytes that are left. */
  length(): number {
    const length = this.compact();
    if (length > BigInt(this.left)) throw new ScaleError(`length ${length} but ${this.left} bytes left`);
    return Number(length);
  }

  /** Runs a decoder one level deeper. @throws {ScaleError} below 256 levels, the runtime's own limit on nested calls. */
  nested<T>(decode: () => T): T {
    if (++this.#depth > 256) throw new ScaleError("nested more than 256 levels deep");
    const value = decode();
    this.#depth -= 1;
    return value;
  }

  #bigCompact(width: number): bigint {
    if (width > 16) throw new ScaleError("compact integer above 128 bits");
    const least = width === 4 ? 1n << 30n : 1n << BigInt(8 * (width - 1));
    return canonical(this.uint(width), least);
  }
}

/** Collects SCALE bytes. */
export class ByteWriter {
  #buffer = Buffer.alloc(256);
  #length = 0;

  /** Appends bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends a little-endian integer of `width` bytes. */
  uint(value: bigint, width: number): void {
    if (value < 0n || value >= 1n << BigInt(8 * width)) throw new ScaleError(`${value} does not fit ${width} bytes`);
    this.#reserve(width);
    let rest = value;
    for (let index = 0; index < width; index++) {
      this.#buffer[this.#length++] = Number(rest & 0xffn);
      rest >>= 8n;
    }
  }

  /** Appends a compact integer in its shortest form. */
  compact(value: number | bigint): void {
    const big = BigInt(value);
    if (big < 1n << 6n) this.uint(big << 2n, 1);
    else if (big < 1n << 14n) this.uint((big << 2n) | 1n, 2);
    else if (big < 1n << 30n) this.uint((big << 2n) | 2n, 4);
    else {
      const width = Math.max(4, Math.ceil(big.toString(16).length / 2));
      this.uint(BigInt(((width - 4) << 2) | 3), 1);
      this.uint(big, width);
    }
  }

  /** A copy of everything appended. */
  finish(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#length));
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const grown = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#length + more));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

function canonical(value: bigint, least: bigint): bigint {
  if (value < least) throw new ScaleError("compact integer not in its shortest form");
  return value;
}
