import type { AnyCodec } from "../scale/codec";
import { encodeValue } from "../scale/codec";
import { metadataV14 } from "../scale/metadata-codec";
import { bytes, compact, compactU128, u8, u32, unit } from "../scale/primitives";
import type { TypeDescription } from "../scale/type-table";
import { compositeOf, field, TypeTable, variantsOf } from "../scale/type-table";
import { describePallet } from "./pallet";
import { pallets, runtimeCall } from "./runtime";
import { h256, multiAddress, multiSignature } from "./system-types";

/** "meta" and the version, in front of every metadata. */
const HEADER = Buffer.from("6d6574610e", "hex");

/** An era is one byte, or two: the first says which, so it is described as one variant per first byte. */
const era: AnyCodec = {
  describe: (types) =>
    types.named(era, () => {
      const mortal = Array.from({ length: 255 }, (_, index) => ({
        name: `Mortal${index + 1}`,
        index: index + 1,
        fields: [field(u8.describe(types))],
      }));
      const variants = [{ name: "Immortal", index: 0, fields: [] }, ...mortal];
      return { path: "sp_runtime::generic::era::Era", def: variantsOf(variants) };
    }),
  encode: () => {
    throw new Error("eras are read by the extrinsic decoder");
  },
  decode: () => {
    throw new Error("eras are read by the extrinsic decoder");
  },
};

/** What every signed extrinsic carries and signs beside its call, in order. @source tfchain spec 152 metadata */
const SIGNED_EXTENSIONS: readonly { name: string; path: string; carries: AnyCodec; signs: AnyCodec }[] = [
  { name: "CheckNonZeroSender", path: "frame_system::extensions::check_non_zero_sender", carries: unit, signs: unit },
  { name: "CheckSpecVersion", path: "frame_system::extensions::check_spec_version", carries: unit, signs: u32 },
  { name: "CheckTxVersion", path: "frame_system::extensions::check_tx_version", carries: unit, signs: u32 },
  { name: "CheckGenesis", path: "frame_system::extensions::check_genesis", carries: unit, signs: h256 },
  { name: "CheckMortality", path: "frame_system::extensions::check_mortality", carries: era, signs: h256 },
  { name: "CheckNonce", path: "frame_system::extensions::check_nonce", carries: compact(u32), signs: unit },
  { name: "CheckWeight", path: "frame_system::extensions::check_weight", carries: unit, signs: unit },
  { name: "ChargeTransactionPayment", path: "pallet_transaction_payment", carries: compactU128, signs: unit },
  { name: "ContractIdProvides", path: "pallet_smart_contract::types", carries: unit, signs: unit },
];

/** The runtime's metadata, version 14, as `state_getMetadata` answers it. */
export function encodeMetadata(): Buffer {
  const types = new TypeTable();
  const described = pallets.map((pallet) => describePallet(pallet, types));
  const extensions = SIGNED_EXTENSIONS.map(({ name, path, carries, signs }) => ({
    identifier: name,
    type: types.anonymous(wrapped(`${path}::${name}`, carries === unit ? [] : [carries.describe(types)])),
    additionalSigned: signs.describe(types),
  }));
  const extrinsic = { type: describeExtrinsic(types, extensions), version: 4, signedExtensions: extensions };
  const runtime = types.anonymous(wrapped("tfchain_runtime::Runtime", []));
  const metadata = { types: types.list(), pallets: described, extrinsic, runtime };
  return Buffer.concat([HEADER, encodeValue(metadataV14, metadata)]);
}

function wrapped(path: string, fields: readonly number[]): TypeDescription {
  return { path, def: compositeOf(fields.map((type) => field(type))) };
}

function describeExtrinsic(types: TypeTable, extensions: readonly { readonly type: number }[]): number {
  const extra = types.anonymous({ def: { kind: "tuple", value: extensions.map(({ type }) => type) } });
  return types.anonymous({
    path: "sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic",
    params: [
      { name: "Address", type: multiAddress.describe(types) },
      { name: "Call", type: runtimeCall.describe(types) },
      { name: "Signature", type: multiSignature.describe(types) },
      { name: "Extra", type: extra },
    ],
    def: compositeOf([field(bytes().describe(types))]),
  });
}
