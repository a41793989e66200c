import { choice, struct, union, wrapper } from "../scale/composites";
import { bytes, compact, compactUnit, fixedBytes, fixedHex, u8, u32, u64, u128, unit } from "../scale/primitives";

/**
 * Types that every Substrate chain of this age has.
 *
 * @source tfchain spec 152 metadata
 */

/** An account: 64 lower-case hex digits, the public key. */
export const accountId = wrapper("sp_core::crypto::AccountId32", fixedHex(32));

/** A 32-byte hash as 64 lower-case hex digits. */
export const h256 = wrapper("primitive_types::H256", fixedHex(32));

/** How calls name an account; the runtime looks up `Id` only. */
export const multiAddress = union(
  "sp_runtime::multiaddress::MultiAddress",
  { Id: accountId, Index: compactUnit, Raw: bytes(), Address32: fixedHex(32), Address20: fixedHex(20) },
  { AccountId: accountId, AccountIndex: unit },
);

/** A signature and its scheme. */
export const multiSignature = union("sp_runtime::MultiSignature", {
  Ed25519: wrapper("sp_core::ed25519::Signature", fixedHex(64)),
  Sr25519: wrapper("sp_core::sr25519::Signature", fixedHex(64)),
  Ecdsa: wrapper("sp_core::ecdsa::Signature", fixedHex(65)),
});

/** Execution time in picoseconds and proof bytes. */
export const weight = struct("sp_weights::weight_v2::Weight", { ref_time: compact(u64), proof_size: compact(u64) });

/** Which share of a block an extrinsic counts against. */
export const dispatchClass = choice("frame_support::dispatch::DispatchClass", ["Normal", "Operational", "Mandatory"]);

/** What a success or failure event tells about the cost of a dispatch. */
export const dispatchInfo = struct("frame_support::dispatch::DispatchInfo", {
  weight,
  class: dispatchClass,
  pays_fee: choice("frame_support::dispatch::Pays", ["Yes", "No"]),
});

/** Why a dispatch failed. */
export const dispatchError = union("sp_runtime::DispatchError", {
  Other: null,
  CannotLookup: null,
  BadOrigin: null,
  Module: struct("sp_runtime::ModuleError", { index: u8, error: fixedBytes(4) }),
  ConsumerRemaining: null,
  NoProviders: null,
  TooManyConsumers: null,
  Token: choice("sp_runtime::TokenError", [
    "FundsUnavailable",
    "OnlyProvider",
    "BelowMinimum",
    "CannotCreate",
    "UnknownAsset",
    "Frozen",
    "Unsupported",
    "CannotCreateHold",
    "NotExpendable",
    "Blocked",
  ]),
  Arithmetic: choice("sp_arithmetic::ArithmeticError", ["Underflow", "Overflow", "DivisionByZero"]),
  Transactional: choice("sp_runtime::TransactionalError", ["LimitReached", "NoLayer"]),
  Exhausted: null,
  Corruption: null,
  Unavailable: null,
  RootNotAllowed: null,
});

/** Outcome of a nested dispatch. */
export const dispatchResult = union("Result", { Ok: unit, Err: dispatchError }, { T: unit, E: dispatchError });

/** What an account owns, in chain units. */
export const accountData = struct("pallet_balances::types::AccountData", {
  free: u128,
  reserved: u128,
  frozen: u128,
  flags: wrapper("pallet_balances::types::ExtraFlags", u128),
});

/** An account's nonce, reference counts and money. */
export const accountInfo = struct("frame_system::AccountInfo", {
  nonce: u32,
  consumers: u32,
  providers: u32,
  sufficients: u32,
  data: accountData,
});

/** When in a block an event happened. */
export const phase = union("frame_system::Phase", { ApplyExtrinsic: u32, Finalization: null, Initialization: null });
