import { blake2AsU8a, xxhashAsU8a } from "@polkadot/util-crypto";
import { ByteReader, ScaleError } from "../scale/bytes";
import type { AnyCodec, Codec } from "../scale/codec";
import { encodeValue } from "../scale/codec";
import type { ValuesOf } from "../scale/composites";
import type { Metadata, TypeTable } from "../scale/type-table";

type StorageEntry = NonNullable<Metadata["pallets"][number]["storage"]>["items"][number];

/** How a map key enters the storage key: a hash of it, then the key itself. */
export type Hasher = "Blake2_128Concat" | "Twox64Concat";

const HASHERS: Readonly<Record<Hasher, { readonly width: number; hash(bytes: Uint8Array): Uint8Array }>> = {
  Blake2_128Concat: { width: 16, hash: (bytes) => blake2AsU8a(bytes, 128) },
  Twox64Concat: { width: 8, hash: (bytes) => xxhashAsU8a(bytes, 64) },
};

/** A storage item of a pallet: a value, or a map of values. `D` is what an absent entry reads as. */
export class StorageItem<K extends readonly unknown[] = readonly unknown[], V = unknown, D = unknown> {
  /** Types of the key's parts; none for a single value. */
  readonly keys: readonly AnyCodec[];
  /** How every part of the key is hashed. */
  readonly hasher: Hasher;
  /** Type of what is stored. */
  readonly value: Codec<V>;
  /** What an absent entry reads as; undefined for optional items. */
  readonly fallback: D;
  #id = "";
  #prefix = "";

  constructor(keys: readonly AnyCodec[], value: Codec<V>, fallback: D, hasher: Hasher) {
    this.keys = keys;
    this.value = value;
    this.fallback = fallback;
    this.hasher = hasher;
  }

  /** Pallet and name, `TfgridModule.Twins`. */
  get id(): string {
    return this.#id;
  }

  /** 32 bytes in hex that every storage key of this item begins with. */
  get prefix(): string {
    return this.#prefix;
  }

  /** Gives the item its place; done once, by the pallet that declares it. */
  bind(pallet: string, name: string): void {
    this.#id = `${pallet}.${name}`;
    this.#prefix = [pallet, name].map((part) => Buffer.from(xxhashAsU8a(part, 128)).toString("hex")).join("");
  }

  /** The storage key of an entry: hex without `0x`. */
  storageKey(key: K): string {
    const parts = this.keys.map((codec, index) => {
      const bytes = encodeValue(codec, key[index]);
      return Buffer.concat([HASHERS[this.hasher].hash(bytes), bytes]).toString("hex");
    });
    return this.#prefix + parts.join("");
  }

  /** Reads the key of an entry back out of the bytes after the prefix; undefined when they are no key of this item. */
  parseKey(suffix: Uint8Array): K | undefined {
    const input = new ByteReader(suffix);
    try {
      const key = this.keys.map((codec) => {
        input.take(HASHERS[this.hasher].width);
        return codec.decode(input);
      });
      return input.left === 0 ? (key as unknown as K) : undefined;
    } catch (error) {
      // Whatever a client asks for that is no key of ours is simply not in the storage.
      if (error instanceof ScaleError) return undefined;
      throw error;
    }
  }

  /** The entry of metadata V14. */
  describe(types: TypeTable): StorageEntry {
    const value = this.value.describe(types);
    const fallback =
      this.fallback === undefined ? Buffer.of(0) : encodeValue(this.value, this.fallback as unknown as V);
    return {
      name: this.id.slice(this.id.indexOf(".") + 1),
      modifier: this.fallback === undefined ? "Optional" : "Default",
      type: this.#describeEntry(types, value),
      fallback: fallback.toString("latin1"),
      docs: [],
    };
  }

  #describeEntry(types: TypeTable, value: number): StorageEntry["type"] {
    const [first, ...more] = this.keys.map((codec) => codec.describe(types));
    if (first === undefined) return { kind: "plain", value };
    const key = more.length === 0 ? first : types.anonymous({ def: { kind: "tuple", value: [first, ...more] } });
    return { kind: "map", value: { hashers: this.keys.map(() => this.hasher), key, value } };
  }
}

/** A single value with a default. */
export function plain<V>(value: Codec<V>, fallback: V): StorageItem<[], V, V> {
  return new StorageItem([], value, fallback, "Blake2_128Concat");
}

/** A single value that may be absent. */
export function optionalPlain<V>(value: Codec<V>): StorageItem<[], V, undefined> {
  return new StorageItem([], value, undefined, "Blake2_128Concat");
}

/** A map whose absent entries read as a default. */
export function map<const K extends readonly AnyCodec[], V>(
  keys: K,
  value: Codec<V>,
  fallback: V,
  hasher: Hasher = "Blake2_128Concat",
): StorageItem<ValuesOf<K>, V, V> {
  return new StorageItem(keys, value, fallback, hasher);
}

/** A map whose entries may be absent. */
export function optionalMap<const K extends readonly AnyCodec[], V>(
  keys: K,
  value: Codec<V>,
): StorageItem<ValuesOf<K>, V, undefined> {
  return new StorageItem(keys, value, undefined, "Blake2_128Concat");
}
