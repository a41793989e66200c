import { ed25519PairFromSeed, keyExtractSuri, keyFromPath } from "@polkadot/util-crypto";
import { GridError } from "../core/errors";
import { Secret } from "../core/secret";
import { addressOf } from "./address";
import { ed25519Signer, verifyEd25519 } from "./ed25519";
import { miniSecretOf } from "./mini-secret";
import { derivePair, loadSr25519, pairFromSeed, sign, verify } from "./sr25519";

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

type DerivationPath = ReturnType<typeof keyExtractSuri>["path"];

/** The phrase behind development accounts such as `//Alice`. Public knowledge. */
const DEV_PHRASE = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

/** What it stands for, once read: that takes 25 ms, and a devgrid makes five accounts of it. */
let devSecret: Uint8Array | undefined;

/**
 * Reads an account secret as Substrate's tools write it: a mnemonic of 12 to 24 words or 64 hex digits with or without
 * `0x`, then derivations such as `//stash` and a password such as `///pass`, if any. Derivations alone, such as
 * `//Alice`, are those of a development account. Quotes around it, as in a settings file, do not count.
 *
 * @param name what the secret is called in errors: where it came from
 * @throws {GridError} TFG_BAD_MNEMONIC when it is none of these; the text given is never repeated.
 */
export async function createKeyPair(secret: Secret, keyType: KeyType, name = "the account's secret"): Promise<KeyPair> {
  await loadSr25519();
  const text = secret
    .reveal()
    .trim()
    .replace(/^(["'])(.*)\1$/s, "$2")
    .trim();
  const { root, rest } = splitRoot(text.startsWith("//") ? DEV_PHRASE + text : text);
  if (!/^(\/\/?[^/]+)*(\/\/\/.*)?$/.test(rest)) throw badDerivation("ends in something that is no derivation", name);
  // The library wants a phrase before derivations, whichever it is.
  const { path, password } = keyExtractSuri(DEV_PHRASE + rest);
  const seed = root === DEV_PHRASE && !password ? developmentSecret() : miniSecretOf(root, password, name);
  if (path.length === 0) return pairFromMiniSecret(seed, keyType);
  if (keyType === "ed25519" && path.some(({ isSoft }) => isSoft)) {
    throw badDerivation("has a derivation with a single slash, which ed25519 accounts cannot have", name);
  }
  return derivedPair(seed, path, keyType);
}

function developmentSecret(): Uint8Array {
  devSecret ??= miniSecretOf(DEV_PHRASE, undefined, "the development phrase");
  return devSecret;
}

/** Phrase or digits, and the derivations and password after it. */
function splitRoot(text: string): { readonly root: string; readonly rest: string } {
  const end = text.indexOf("/");
  return end < 0 ? { root: text, rest: "" } : { root: text.slice(0, end).trim(), rest: text.slice(end) };
}

/**
 * True when the signature over the message was made by the key of that type. Waits for no I/O.
 *
 * @throws {Error} in a process that neither made a key pair nor called `loadSr25519`
 */
export function verifySignature(
  keyType: KeyType,
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  const isValid = keyType === "sr25519" ? verify : verifyEd25519;
  return isValid(message, signature, publicKey);
}

/**
 * Under ed25519 the derived seed is the mini-secret; under sr25519 the derivation does not give one back, and the first
 * half of the expanded key stands in: as secret and as stable.
 */
function derivedPair(seed: Uint8Array, path: DerivationPath, keyType: KeyType): KeyPair {
  if (keyType === "ed25519") {
    return pairFromMiniSecret(keyFromPath(ed25519PairFromSeed(seed), path, keyType).secretKey.slice(0, 32), keyType);
  }
  const derived = path.reduce(derivePair, pairFromSeed(seed));
  return makePair(keyType, derived, derived.secretKey.slice(0, 32));
}

function pairFromMiniSecret(seed: Uint8Array, keyType: KeyType): KeyPair {
  return makePair(keyType, keyType === "sr25519" ? pairFromSeed(seed) : ed25519PairFromSeed(seed), seed);
}

function makePair(
  keyType: KeyType,
  pair: { publicKey: Uint8Array; secretKey: Uint8Array },
  miniSecret: Uint8Array,
): KeyPair {
  const signEd25519 = keyType === "ed25519" ? ed25519Signer(miniSecret) : undefined;
  return {
    keyType,
    publicKey: pair.publicKey,
    address: addressOf(pair.publicKey),
    miniSecret: new Secret(Buffer.from(miniSecret).toString("hex")),
    sign: (message) => signEd25519?.(message) ?? sign(pair, message),
  };
}

function badDerivation(problem: string, name: string): GridError {
  return new GridError({
    code: "TFG_BAD_MNEMONIC",
    summary: `${name} ${problem}.`,
    facts: {
      allowed: "hard derivations such as //stash, soft ones such as /shop for sr25519, and a password such as ///pass",
    },
    standing: "Nothing was started.",
    remedy: "check its end, or the key type.",
  });
}
