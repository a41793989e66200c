import { choice, option, struct, tuple, union, vec } from "./composites";
import { bytes, compact, str, u8, u32 } from "./primitives";

/**
 * The SCALE form of metadata V14.
 *
 * @source substrate frame-metadata v14; checked against @polkadot/types in the tests
 */

const typeId = compact(u32);
const docs = vec(str);

const field = struct("Field", { name: option(str), type: typeId, typeName: option(str), docs });

const definition = union("TypeDef", {
  composite: struct("Composite", { fields: vec(field) }),
  variant: struct("Variants", {
    variants: vec(struct("Variant", { name: str, fields: vec(field), index: u8, docs })),
  }),
  sequence: struct("Sequence", { type: typeId }),
  array: struct("Array", { len: u32, type: typeId }),
  tuple: vec(typeId),
  primitive: choice("Primitive", ["bool", "char", "str", "u8", "u16", "u32", "u64", "u128"]),
  compact: struct("Compact", { type: typeId }),
});

const portableType = struct("Type", {
  path: vec(str),
  params: vec(struct("Parameter", { name: str, type: option(typeId) })),
  def: definition,
  docs,
});

const storageEntry = struct("StorageEntry", {
  name: str,
  modifier: choice("Modifier", ["Optional", "Default"]),
  type: union("StorageEntryType", {
    plain: typeId,
    map: struct("Map", {
      hashers: vec(
        choice("Hasher", ["Blake2_128", "Blake2_256", "Blake2_128Concat", "Twox128", "Twox256", "Twox64Concat"]),
      ),
      key: typeId,
      value: typeId,
    }),
  }),
  fallback: bytes(),
  docs,
});

const pallet = struct("Pallet", {
  name: str,
  storage: option(struct("Storage", { prefix: str, items: vec(storageEntry) })),
  calls: option(typeId),
  events: option(typeId),
  constants: vec(struct("Constant", { name: str, type: typeId, value: bytes(), docs })),
  errors: option(typeId),
  index: u8,
});

/** Everything a client needs to read and write the chain. */
export const metadataV14 = struct("Metadata", {
  types: vec(tuple(typeId, portableType)),
  pallets: vec(pallet),
  extrinsic: struct("Extrinsic", {
    type: typeId,
    version: u8,
    signedExtensions: vec(struct("SignedExtension", { identifier: str, type: typeId, additionalSigned: typeId })),
  }),
  runtime: typeId,
});
