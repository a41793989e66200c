import { verifySignature } from "../../../model/key-pair";
import { EXISTENTIAL_DEPOSIT } from "../pallets/balances";
import { System } from "../pallets/runtime";
import { BLOCK_WEIGHT, MAX_NORMAL_LENGTH, RUNTIME_VERSION } from "../pallets/system";
import type { RuntimeState } from "../runtime/state";
import { birthOf, deathOf } from "./era";
import type { Extrinsic, Signed } from "./extrinsic";
import { fixedPayload, signedPayload } from "./extrinsic";
import { invalid, unknownValidity } from "./refusal";
import { weightOf } from "./weights";

/** Base fee and fee per byte in chain units; the weight part is zero on the real chain. @source observed, spec 144 */
const BASE_FEE = 10_000n;

/** An extrinsic that may be included, now or after those with lower nonces. */
export interface ValidExtrinsic {
  readonly extrinsic: Extrinsic;
  readonly signed: Signed;
  /** 64 hex digits. */
  readonly account: string;
  /** Picoseconds. */
  readonly weight: number;
  /** Chain units, tip included. */
  readonly fee: bigint;
  /** The block it was signed on: it is valid on descendants of it only. */
  readonly birth: { readonly number: number; readonly hash: string };
  /** First block it is no longer valid for. */
  readonly deathBlock: number;
}

/** The fee without the tip, in chain units. */
export function feeOf(length: number): bigint {
  return BASE_FEE + BigInt(length);
}

/**
 * Checks an extrinsic in the order of the runtime's signed extensions, as for the block after the head.
 *
 * @throws {RpcRefusal} 1010 or 1011
 */
export function validate(state: RuntimeState, genesisHash: string, extrinsic: Extrinsic): ValidExtrinsic {
  const { signed } = extrinsic;
  if (!signed) throw unknownValidity("Could not find an unsigned validator for the unsigned transaction");
  if (signed.address.kind !== "Id") throw unknownValidity("Could not lookup information required to validate");
  const account = signed.address.value;
  const birth = checkSignature(state, genesisHash, extrinsic, { signed, account });
  const { nonce } = state.get(System.storage.Account, account);
  if (signed.nonce < nonce) throw invalid("stale");
  const weight = weightOf(extrinsic.call);
  const isTooHeavy = weight > BLOCK_WEIGHT.maxNormalExtrinsic || extrinsic.bytes.length > MAX_NORMAL_LENGTH;
  if (isTooHeavy) throw invalid("exhaustsResources");
  const fee = feeOf(extrinsic.bytes.length) + signed.tip;
  if (!canPay(state, account, fee)) throw invalid("payment");
  return { extrinsic, signed, account, weight, fee, birth, deathBlock: deathOf(signed.era, state.blockNumber + 1) };
}

/** True when the block it was signed on was dropped: its signature is no good on this chain. */
export function isOrphaned(state: RuntimeState, { signed, birth }: ValidExtrinsic): boolean {
  if (signed.era.kind === "immortal") return false;
  const hash = state.get(System.storage.BlockHash, birth.number);
  return hash !== UNKNOWN_HASH && hash !== birth.hash;
}

/** True when the fee can be withdrawn without ending the account. */
export function canPay(state: RuntimeState, account: string, fee: bigint): boolean {
  const { free, frozen } = state.get(System.storage.Account, account).data;
  return free - fee >= EXISTENTIAL_DEPOSIT && free - fee >= frozen;
}

function checkSignature(
  state: RuntimeState,
  genesisHash: string,
  extrinsic: Extrinsic,
  { signed, account }: { signed: Signed; account: string },
): ValidExtrinsic["birth"] {
  const birth = birthOf(signed.era, state.blockNumber + 1);
  const isKnown = signed.era.kind === "immortal" || state.get(System.storage.BlockHash, birth) !== UNKNOWN_HASH;
  if (!isKnown) throw invalid("ancientBirthBlock");
  const birthHash = signed.era.kind === "immortal" ? genesisHash : state.get(System.storage.BlockHash, birth);
  const { spec_version, transaction_version } = RUNTIME_VERSION;
  const payload = signedPayload(
    extrinsic,
    signed,
    fixedPayload([spec_version, transaction_version], [genesisHash, birthHash]),
  );
  const { kind, value } = signed.signature;
  // ecdsa accounts exist on the real chain; nothing on the grid uses them.
  if (kind === "Ecdsa") throw invalid("badProof");
  const keyType = kind === "Sr25519" ? "sr25519" : "ed25519";
  const isGenuine = verifySignature(keyType, payload, Buffer.from(value, "hex"), Buffer.from(account, "hex"));
  if (!isGenuine) throw invalid("badProof");
  return { number: birth, hash: birthHash };
}

const UNKNOWN_HASH = "00".repeat(32);
