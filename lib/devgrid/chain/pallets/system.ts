import type { Codec, TypeOf } from "../scale/codec";
import { option, struct, tuple, union, vec, wrapper } from "../scale/composites";
import { bool, bytes, compact, fixedBytes, str, u8, u16, u32, u64, u128 } from "../scale/primitives";
import { call, definePallet } from "./pallet";
import { map, optionalPlain, plain } from "./storage-item";
import { accountId, accountInfo, dispatchError, dispatchInfo, h256, weight } from "./system-types";

/** Picoseconds of execution time a block has. @source tfchain spec 152 metadata, System.BlockWeights */
export const BLOCK_WEIGHT = {
  /** What every extrinsic costs before its own weight. */
  baseExtrinsic: 124_414_000,
  /** The heaviest single normal extrinsic. */
  maxNormalExtrinsic: 1_299_875_586_000,
  /** All normal extrinsics of a block together. */
  maxNormalTotal: 1_500_000_000_000,
} as const;

/** Bytes all normal extrinsics of a block may have together. @source tfchain spec 152 metadata, System.BlockLength */
export const MAX_NORMAL_LENGTH = 3_932_160;

/** Blocks whose hash the chain remembers. @source tfchain spec 152 metadata, System.BlockHashCount */
export const BLOCK_HASH_COUNT = 2400;

/** What the chain calls itself. @source tfchain spec 152 */
export const RUNTIME_VERSION = {
  spec_name: "substrate-threefold",
  impl_name: "substrate-threefold",
  authoring_version: 1,
  spec_version: 152,
  impl_version: 1,
  apis: [
    ["df6acb689907609b", 4],
    ["37e397fc7c91f5e4", 2],
    ["bc9d89904f5b923f", 1],
    ["37c8bb1350a9a2a8", 4],
  ],
  transaction_version: 2,
  state_version: 0,
} as const;

const weightsPerClass = struct("frame_system::limits::WeightsPerClass", {
  base_extrinsic: weight,
  max_extrinsic: option(weight),
  max_total: option(weight),
  reserved: option(weight),
});

const perDispatchClass = <T>(share: Codec<T>) =>
  struct(
    "frame_support::dispatch::PerDispatchClass",
    { normal: share, operational: share, mandatory: share },
    { T: share },
  );

const blockWeights = struct("frame_system::limits::BlockWeights", {
  base_block: weight,
  max_block: weight,
  per_class: perDispatchClass(weightsPerClass),
});

const U64_MAX = 2 ** 64;
const allProof = (ref_time: number, share = 1) => ({ ref_time, proof_size: Math.floor(U64_MAX * share) });
const baseExtrinsic = { ref_time: BLOCK_WEIGHT.baseExtrinsic, proof_size: 0 };

const blockWeightsValue: TypeOf<typeof blockWeights> = {
  base_block: { ref_time: 390_584_000, proof_size: 0 },
  max_block: allProof(2_000_000_000_000),
  per_class: {
    normal: {
      base_extrinsic: baseExtrinsic,
      max_extrinsic: allProof(BLOCK_WEIGHT.maxNormalExtrinsic, 0.65),
      max_total: allProof(BLOCK_WEIGHT.maxNormalTotal, 0.75),
      reserved: { ref_time: 0, proof_size: 0 },
    },
    operational: {
      base_extrinsic: baseExtrinsic,
      max_extrinsic: allProof(1_799_875_586_000, 0.9),
      max_total: allProof(2_000_000_000_000),
      reserved: allProof(500_000_000_000, 0.25),
    },
    mandatory: { base_extrinsic: baseExtrinsic, max_extrinsic: undefined, max_total: undefined, reserved: undefined },
  },
};

const blockLength = struct("frame_system::limits::BlockLength", {
  max: perDispatchClass(u32),
});

const runtimeVersion = struct("sp_version::RuntimeVersion", {
  spec_name: str,
  impl_name: str,
  authoring_version: u32,
  spec_version: u32,
  impl_version: u32,
  apis: vec(tuple(fixedBytes(8), u32)),
  transaction_version: u32,
  state_version: u8,
});

/** Accounts, block numbers and hashes. `Events` is added by the runtime, which knows every pallet's. */
export const System = definePallet({
  index: 0,
  name: "System",
  crate: "frame_system",
  calls: {
    remark: call(0, { remark: bytes() }),
    set_heap_pages: call(1, { pages: u64 }),
    set_code: call(2, { code: bytes() }),
    set_code_without_checks: call(3, { code: bytes() }),
    set_storage: call(4, { items: vec(tuple(bytes(), bytes())) }),
    kill_storage: call(5, { keys: vec(bytes()) }),
    kill_prefix: call(6, { prefix: bytes(), subkeys: u32 }),
    remark_with_event: call(7, { remark: bytes() }),
  },
  events: {
    ExtrinsicSuccess: { dispatch_info: dispatchInfo },
    ExtrinsicFailed: { dispatch_error: dispatchError, dispatch_info: dispatchInfo },
    CodeUpdated: [],
    NewAccount: { account: accountId },
    KilledAccount: { account: accountId },
    Remarked: { sender: accountId, hash: h256 },
  },
  errors: [
    "InvalidSpecName",
    "SpecVersionNeedsToIncrease",
    "FailedToExtractRuntimeVersion",
    "NonDefaultComposite",
    "NonZeroRefCount",
    "CallFiltered",
  ],
  storage: {
    Account: map([accountId], accountInfo, {
      nonce: 0,
      consumers: 0,
      providers: 0,
      sufficients: 0,
      data: { free: 0n, reserved: 0n, frozen: 0n, flags: 1n << 127n },
    }),
    BlockHash: map([u32], h256, "00".repeat(32), "Twox64Concat"),
    Number: plain(u32, 0),
    ParentHash: plain(h256, "00".repeat(32)),
    EventCount: plain(u32, 0),
    LastRuntimeUpgrade: optionalPlain(
      struct("frame_system::LastRuntimeUpgradeInfo", { spec_version: compact(u32), spec_name: str }),
    ),
  },
  constants: {
    BlockWeights: { type: blockWeights, value: blockWeightsValue },
    BlockLength: {
      type: blockLength,
      value: { max: { normal: MAX_NORMAL_LENGTH, operational: 5_242_880, mandatory: 5_242_880 } },
    },
    BlockHashCount: { type: u32, value: BLOCK_HASH_COUNT },
    DbWeight: {
      type: struct("sp_weights::RuntimeDbWeight", { read: u64, write: u64 }),
      value: { read: 25_000_000, write: 100_000_000 },
    },
    Version: {
      type: runtimeVersion,
      value: {
        ...RUNTIME_VERSION,
        apis: RUNTIME_VERSION.apis.map(([id, version]) => [Buffer.from(id, "hex").toString("latin1"), version]),
      },
    },
    SS58Prefix: { type: u16, value: 42 },
  },
});

/** The clock of the chain, set once in every block. */
export const Timestamp = definePallet({
  index: 1,
  name: "Timestamp",
  crate: "pallet_timestamp",
  calls: { set: call(0, { now: compact(u64) }) },
  events: {},
  errors: [],
  storage: { Now: plain(u64, 0), DidUpdate: plain(bool, false) },
  constants: { MinimumPeriod: { type: u64, value: 3000 } },
});

/** Fees. */
export const TransactionPayment = definePallet({
  index: 21,
  name: "TransactionPayment",
  crate: "pallet_transaction_payment",
  calls: {},
  events: { TransactionFeePaid: { who: accountId, actual_fee: u128, tip: u128 } },
  errors: [],
  storage: {
    NextFeeMultiplier: plain(wrapper("sp_arithmetic::fixed_point::FixedU128", u128), 10n ** 18n),
    StorageVersion: plain(union("pallet_transaction_payment::Releases", { V1Ancient: null, V2: null }), {
      kind: "V1Ancient",
    }),
  },
  constants: { OperationalFeeMultiplier: { type: u8, value: 5 } },
});
