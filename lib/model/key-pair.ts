import {
  cryptoWaitReady,
  ed25519PairFromSeed,
  ed25519Sign,
  ed25519Verify,
  encodeAddress,
  keyExtractSuri,
  keyFromPath,
  mnemonicToMiniSecret,
  mnemonicValidate,
  sr25519PairFromSeed,
  sr25519Sign,
  sr25519Verify,
} from "@polkadot/util-crypto";
import { GridError } from "../core/errors";
import { Secret } from "../core/secret";

/** Signature schemes of the chain. The same mnemonic gives two different accounts under the two. */
export type KeyType = "sr25519" | "ed25519";

/** An account's key: signs extrinsics, deployments, envelopes and relay tokens alike. */
export interface KeyPair {
  /** Signature scheme. */
  readonly keyType: KeyType;
  /** 32 bytes: the account id. */
  readonly publicKey: Uint8Array;
  /** SS58 text with prefix 42. */
  readonly address: string;
  /** 64 lower-case hex digits: the 32-byte mini-secret, root of the encryption key and of everything derived. */
  readonly miniSecret: Secret;
  /** 64-byte signature; sr25519 uses the signing context `substrate` and differs from run to run. */
  sign(message: Uint8Array): Uint8Array;
}

/** SS58 prefix of every grid network. @source facts "chain" §2 */
const SS58_PREFIX = 42;

/** The phrase behind development accounts such as `//Alice`. Public knowledge. */
const DEV_PHRASE = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

/**
 * Reads an account secret: a mnemonic of 12 or 24 words, 64 hex digits with or without `0x`, or a development account
 * such as `//Alice`.
 *
 * @throws {GridError} TFG_BAD_MNEMONIC when it is none of these; the text given is never repeated.
 */
export async function createKeyPair(secret: Secret, keyType: KeyType): Promise<KeyPair> {
  await cryptoWaitReady();
  const text = secret.reveal().trim();
  if (text.startsWith("//")) return developmentPair(text, keyType);
  return pairFromMiniSecret(miniSecretOf(text), keyType);
}

/** True when the signature over the message was made by the key of that type. Waits for no I/O. */
export function verifySignature(
  keyType: KeyType,
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  try {
    return keyType === "sr25519"
      ? sr25519Verify(message, signature, publicKey)
      : ed25519Verify(message, signature, publicKey);
  } catch {
    // The libraries throw on bytes that are no curve point: such a signature is simply not valid.
    return false;
  }
}

function miniSecretOf(text: string): Uint8Array {
  const hex = text.replace(/^0x/, "");
  if (/^[0-9a-fA-F]{64}$/.test(hex)) return Buffer.from(hex, "hex");
  const words = text.split(/\s+/);
  const phrase = words.join(" ");
  if (![12, 24].includes(words.length) || !mnemonicValidate(phrase)) throw badMnemonic(words.length);
  return mnemonicToMiniSecret(phrase);
}

/**
 * Development accounts are hard derivations. Under ed25519 the derived seed is the mini-secret; under sr25519 the
 * derivation does not give one back, and the first half of the expanded key stands in: as secret and as stable.
 */
function developmentPair(uri: string, keyType: KeyType): KeyPair {
  const { path } = keyExtractSuri(`${DEV_PHRASE}${uri}`);
  const root = mnemonicToMiniSecret(DEV_PHRASE);
  const rootPair = keyType === "sr25519" ? sr25519PairFromSeed(root) : ed25519PairFromSeed(root);
  const derived = keyFromPath(rootPair, path, keyType);
  if (keyType === "ed25519") return pairFromMiniSecret(derived.secretKey.slice(0, 32), keyType);
  return makePair(keyType, derived, derived.secretKey.slice(0, 32));
}

function pairFromMiniSecret(seed: Uint8Array, keyType: KeyType): KeyPair {
  return makePair(keyType, keyType === "sr25519" ? sr25519PairFromSeed(seed) : ed25519PairFromSeed(seed), seed);
}

function makePair(
  keyType: KeyType,
  pair: { publicKey: Uint8Array; secretKey: Uint8Array },
  miniSecret: Uint8Array,
): KeyPair {
  return {
    keyType,
    publicKey: pair.publicKey,
    address: encodeAddress(pair.publicKey, SS58_PREFIX),
    miniSecret: new Secret(Buffer.from(miniSecret).toString("hex")),
    sign: (message) => (keyType === "sr25519" ? sr25519Sign(message, pair) : ed25519Sign(message, pair)),
  };
}

function badMnemonic(words: number): GridError {
  return new GridError({
    code: "TFG_BAD_MNEMONIC",
    summary: "The account secret is not a valid mnemonic.",
    facts: { "words given": words, allowed: "12 or 24 words, 64 hex digits, or a development account such as //Alice" },
    standing: "Nothing was started.",
    remedy: "check MNEMONIC (or THREEFOLD_MNEMONIC) for a missing, misspelt or misplaced word.",
  });
}
