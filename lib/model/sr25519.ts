/**
 * sr25519 by the Rust library the chain itself uses, compiled to WebAssembly. The one in JavaScript takes seven times as
 * long to check a signature (2.6 ms against 0.4), and 100 ms more for the first key of a process.
 */
import {
  isReady,
  sr25519DeriveKeypairHard,
  sr25519DeriveKeypairSoft,
  sr25519KeypairFromSeed,
  sr25519Sign,
  sr25519Verify,
  waitReady,
} from "@polkadot/wasm-crypto";

/** A key as the library writes it: 32 bytes public, 64 secret. */
interface RawPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** Loads the library; 3 to 16 ms the first time. Everything below needs it. */
export async function loadSr25519(): Promise<void> {
  if (!(await waitReady())) throw new Error("the signature library cannot be started");
}

/** The key of a 32-byte mini-secret. */
export function pairFromSeed(seed: Uint8Array): RawPair {
  return split(sr25519KeypairFromSeed(seed));
}

/** The key below another one, at a 32-byte chain code. */
export function derivePair(
  { secretKey, publicKey }: RawPair,
  { chainCode, isSoft }: { readonly chainCode: Uint8Array; readonly isSoft: boolean },
): RawPair {
  const derive = isSoft ? sr25519DeriveKeypairSoft : sr25519DeriveKeypairHard;
  return split(derive(Buffer.concat([secretKey, publicKey]), chainCode));
}

/** 64 bytes, with the signing context `substrate`; others at every call. */
export function sign({ publicKey, secretKey }: RawPair, message: Uint8Array): Uint8Array {
  return sr25519Sign(publicKey, secretKey, message);
}

/**
 * True when the 64-byte signature is of that message by the owner of the 32-byte key; false for bytes that are no curve
 * point.
 *
 * @throws {Error} before `loadSr25519`, because "not valid" would be wrong
 */
export function verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (!isReady()) throw new Error("a signature was to be checked before loadSr25519");
  // Under the neutral element, 32 zeros, anyone can sign. The nodes' library (go-schnorrkel) refuses it, this one does not.
  if (publicKey.every((byte) => byte === 0)) return false;
  try {
    return sr25519Verify(signature, message, publicKey);
  } catch {
    // It runs out of memory over a message of gigabytes.
    return false;
  }
}

function split(pair: Uint8Array): RawPair {
  return { secretKey: pair.slice(0, 64), publicKey: pair.slice(64) };
}
