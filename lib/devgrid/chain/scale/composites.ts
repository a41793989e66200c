import type { ByteReader, ByteWriter } from "./bytes";
import { ScaleError } from "./bytes";
import type { AnyCodec, Codec, TypeOf } from "./codec";
import { boundedVec } from "./primitives";
import type { PortableField, TypeParameter, TypeTable } from "./type-table";
import { compositeOf, field, variantsOf } from "./type-table";

/** Named fields, or unnamed ones in order. */
export type Fields = { readonly [name: string]: AnyCodec } | readonly AnyCodec[];

/** The values of fields: an object for named ones, a tuple for unnamed ones. */
export type ValuesOf<F> = { readonly [K in keyof F]: TypeOf<F[K]> };

/** Describes fields for the portable registry. */
export function describeFields(fields: Fields, types: TypeTable): PortableField[] {
  if (isTuple(fields)) return fields.map((codec) => field(codec.describe(types)));
  return Object.entries(fields).map(([name, codec]) => field(codec.describe(types), name));
}

/** Encodes the values of fields in the order of their description. */
export function encodeFields<F extends Fields>(fields: F, values: ValuesOf<F>, out: ByteWriter): void {
  const source = values as { readonly [name: string]: unknown };
  for (const [name, codec] of Object.entries(fields)) codec.encode(source[name], out);
}

/** Decodes fields in the order of their description. */
export function decodeFields<F extends Fields>(fields: F, input: ByteReader): ValuesOf<F> {
  if (isTuple(fields)) return fields.map((codec) => codec.decode(input)) as ValuesOf<F>;
  const values: { [name: string]: unknown } = {};
  for (const [name, codec] of Object.entries(fields)) values[name] = codec.decode(input);
  return values as ValuesOf<F>;
}

/** Type parameters to publish: clients tell apart by them what has one name and several shapes. */
export type Parameters = { readonly [name: string]: AnyCodec };

function describeParameters(parameters: Parameters, types: TypeTable): TypeParameter[] {
  return Object.entries(parameters).map(([name, codec]) => ({ name, type: codec.describe(types) }));
}

/** A struct; `path` is the name clients know it by. */
export function struct<const F extends Fields>(path: string, fields: F, params: Parameters = {}): Codec<ValuesOf<F>> {
  const self: Codec<ValuesOf<F>> = {
    describe: (types) =>
      types.named(self, () => ({
        path,
        params: describeParameters(params, types),
        def: compositeOf(describeFields(fields, types)),
      })),
    encode: (value, out) => encodeFields(fields, value, out),
    decode: (input) => decodeFields(fields, input),
  };
  return self;
}

/** A named wrapper around one unnamed value; its values are those of the inner type. */
export function wrapper<T>(path: string, inner: Codec<T>): Codec<T> {
  const self: Codec<T> = {
    describe: (types) => types.named(self, () => ({ path, def: compositeOf([field(inner.describe(types))]) })),
    encode: (value, out) => inner.encode(value, out),
    decode: (input) => inner.decode(input),
  };
  return self;
}

/** Values of several types, one after the other. */
export function tuple<const T extends readonly AnyCodec[]>(...items: T): Codec<ValuesOf<T>> {
  return {
    describe: (types) => types.anonymous({ def: { kind: "tuple", value: items.map((item) => item.describe(types)) } }),
    encode: (value, out) => encodeFields(items, value, out),
    decode: (input) => decodeFields(items, input),
  };
}

/** A value or nothing. */
export function option<T>(inner: Codec<T>): Codec<T | undefined> {
  return {
    describe: (types) => {
      const type = inner.describe(types);
      const variants = [
        { name: "None", index: 0, fields: [] },
        { name: "Some", index: 1, fields: [field(type)] },
      ];
      return types.anonymous({ path: "Option", params: [{ name: "T", type }], def: variantsOf(variants) });
    },
    encode: (value, out) => {
      out.uint(value === undefined ? 0n : 1n, 1);
      if (value !== undefined) inner.encode(value, out);
    },
    decode: (input) => {
      const tag = input.uint(1);
      if (tag > 1n) throw new ScaleError(`${tag} is no option`);
      return tag === 1n ? inner.decode(input) : undefined;
    },
  };
}

/** A list; with `max` it is bounded and longer ones fail to decode. */
export function vec<T>(inner: Codec<T>, max?: number): Codec<readonly T[]> {
  return {
    describe: (types) => {
      const type = types.anonymous({ def: { kind: "sequence", value: { type: inner.describe(types) } } });
      return max === undefined ? type : types.anonymous(boundedVec(type));
    },
    encode: (value, out) => {
      out.compact(value.length);
      for (const item of value) inner.encode(item, out);
    },
    decode: (input) => {
      const length = input.length();
      if (max !== undefined && length > max) throw new ScaleError(`${length} items where ${max} are allowed`);
      return Array.from({ length }, () => inner.decode(input));
    },
  };
}

/** An enum without payloads: its values are the names. */
export function choice<const N extends string>(path: string, names: readonly N[]): Codec<N> {
  const self: Codec<N> = {
    describe: (types) =>
      types.named(self, () => ({
        path,
        def: variantsOf(names.map((name, index) => ({ name, index, fields: [] }))),
      })),
    encode: (value, out) => out.uint(BigInt(names.indexOf(value)), 1),
    decode: (input) => {
      const index = Number(input.uint(1));
      const name = names[index];
      if (name === undefined) throw new ScaleError(`${path} has no variant ${index}`);
      return name;
    },
  };
  return self;
}

/** The values of a union: the kind, and the value where the kind has one. */
export type UnionOf<V> = {
  readonly [K in keyof V]: V[K] extends Codec<infer T> ? { readonly kind: K; readonly value: T } : { readonly kind: K };
}[keyof V];

/** An enum with at most one unnamed payload per variant; numbered in order. */
export function union<const V extends { readonly [kind: string]: AnyCodec | null }>(
  path: string,
  variants: V,
  params: Parameters = {},
): Codec<UnionOf<V>> {
  const kinds = Object.keys(variants);
  const self: Codec<UnionOf<V>> = {
    describe: (types) =>
      types.named(self, () => ({
        path,
        params: describeParameters(params, types),
        def: variantsOf(
          Object.entries(variants).map(([name, codec], index) => ({
            name,
            index,
            fields: codec ? [field(codec.describe(types))] : [],
          })),
        ),
      })),
    encode: (value, out) => {
      const { kind, value: payload } = value as { kind: string; value?: unknown };
      out.uint(BigInt(kinds.indexOf(kind)), 1);
      variants[kind]?.encode(payload, out);
    },
    decode: (input) => {
      const index = Number(input.uint(1));
      const kind = kinds[index];
      if (kind === undefined) throw new ScaleError(`${path} has no variant ${index}`);
      const codec = variants[kind];
      return (codec ? { kind, value: codec.decode(input) } : { kind }) as UnionOf<V>;
    },
  };
  return self;
}

function isTuple(fields: Fields): fields is readonly AnyCodec[] {
  return Array.isArray(fields);
}
