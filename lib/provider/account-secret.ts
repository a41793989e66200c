import { readFile } from "node:fs/promises";
import { GridError, messageOf } from "../core/errors";
import { Secret } from "../core/secret";
import { looksLikeAccountSecret } from "../model/account-phrase";
import type { KeyPair, KeyType } from "../model/key-pair";
import { phraseAsPath, unknownKeyType } from "./provider-schema";

/** Where an account may come from; the first that is there counts, in this order. */
export interface AccountSource {
  /** `mnemonic_file` of the provider block. */
  readonly mnemonicFile: string | undefined;
  /** `key_type` of the provider block. */
  readonly keyType: string | undefined;
  /** THREEFOLD_MNEMONIC or MNEMONIC; THREEFOLD_KEY_TYPE and THREEFOLD_KEY_SECRET too. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the network itself lends: devgrid's account. */
  readonly ofNetwork: Secret | undefined;
}

/** An account's secret, ready for use. */
export interface AccountSecret {
  /** Signs and decrypts. */
  readonly keyPair: KeyPair;
  /** What keys and passwords of projects are derived from: the mini-secret, or THREEFOLD_KEY_SECRET when that is set. */
  readonly keyRoot: Secret;
}

/**
 * Reads the account that is configured.
 *
 * @throws {GridError} TFG_NO_MNEMONIC, TFG_BAD_MNEMONIC, TFG_MNEMONIC_FILE, TFG_BAD_VALUE, TFG_UNKNOWN_KEY_TYPE, TFG_KEY_SECRET
 */
export async function readAccountSecret(source: AccountSource): Promise<AccountSecret> {
  const { env } = source;
  // Loaded only now: the signing library costs more start-up time than the rest of the provider.
  const { createKeyPair } = await import("../model/key-pair");
  const { name, secret } = await secretOf(source);
  const keyPair = await createKeyPair(secret, keyTypeOf(source), name);
  return { keyPair, keyRoot: env.THREEFOLD_KEY_SECRET ? keySecret(env.THREEFOLD_KEY_SECRET) : keyPair.miniSecret };
}

/** A secret, and what to call it in errors. */
interface NamedSecret {
  readonly name: string;
  readonly secret: Secret;
}

async function secretOf({ mnemonicFile, env, ofNetwork }: AccountSource): Promise<NamedSecret> {
  if (mnemonicFile !== undefined) {
    // A value that was unknown when the configuration was checked.
    if (looksLikeAccountSecret(mnemonicFile)) throw phraseAsPath();
    const text = await readFile(mnemonicFile, "utf8").catch((error) => {
      throw unreadableSecret(mnemonicFile, error);
    });
    return { name: `The file ${mnemonicFile}`, secret: new Secret(text) };
  }
  for (const name of ["THREEFOLD_MNEMONIC", "MNEMONIC"]) {
    const text = env[name];
    if (text) return { name, secret: new Secret(text) };
  }
  if (ofNetwork) return { name: "The network's own account", secret: ofNetwork };
  throw noSecret();
}

function keyTypeOf({ keyType, env }: AccountSource): KeyType {
  const given = keyType ?? env.THREEFOLD_KEY_TYPE ?? "sr25519";
  if (given === "sr25519" || given === "ed25519") return given;
  throw unknownKeyType(given, keyType === undefined ? "THREEFOLD_KEY_TYPE" : "key_type");
}

/** Shortest THREEFOLD_KEY_SECRET: everything secret in a project hangs on it. */
const MIN_KEY_SECRET = 32;

function keySecret(text: string): Secret {
  if (text.length >= MIN_KEY_SECRET) return new Secret(text);
  throw new GridError({
    code: "TFG_KEY_SECRET",
    summary: "THREEFOLD_KEY_SECRET is too short.",
    facts: { characters: text.length, allowed: `${MIN_KEY_SECRET} or more` },
    standing: "Nothing was started.",
    remedy: "use at least 32 random characters, for example from `openssl rand -hex 32`.",
  });
}

function noSecret(): GridError {
  return new GridError({
    code: "TFG_NO_MNEMONIC",
    summary: "No account is configured.",
    standing: "Nothing was started.",
    remedy: "set THREEFOLD_MNEMONIC (or MNEMONIC) in the environment, or mnemonic_file in the provider block.",
  });
}

function unreadableSecret(file: string, cause: unknown): GridError {
  return new GridError({
    code: "TFG_MNEMONIC_FILE",
    summary: "The account's secret file cannot be read.",
    facts: { file, reason: messageOf(cause) },
    standing: "Nothing was started.",
    remedy: "check the path and its permissions.",
    attribute: ["mnemonic_file"],
    cause,
  });
}
