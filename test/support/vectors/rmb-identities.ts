import { Secret } from "../../../lib/core/secret";
import { createKeyPair, type KeyPair, type KeyType } from "../../../lib/model/key-pair";
import { MessageCipher } from "../../../lib/model/message-encryption";
import type { CaseResult } from "./case-result";
import { expectSame, VectorEntry } from "./vector-entry";

/** An account of the vector file with everything that follows from its mnemonic. */
export interface Identity {
  readonly twinId: number;
  readonly pairs: Readonly<Record<KeyType, KeyPair>>;
  readonly cipher: MessageCipher;
}

/** The accounts of one vector file. */
export class Identities {
  readonly #byName = new Map<string, Identity>();

  /** Derives every identity and compares it with what is listed. */
  async check(section: unknown): Promise<CaseResult[]> {
    if (!Array.isArray(section)) return [{ name: "identities", error: "not a list" }];
    const results: CaseResult[] = [];
    for (const [index, element] of section.entries()) {
      try {
        results.push({ name: `identities ${await this.#add(new VectorEntry(element))}` });
      } catch (error) {
        results.push({ name: `identities ${index}`, error: String(error) });
      }
    }
    return results;
  }

  /** The identity of that name. */
  named(name: string): Identity {
    const identity = this.#byName.get(name);
    if (!identity) throw new Error(`no usable identity ${name}`);
    return identity;
  }

  /** The identity behind a twin. */
  ofTwin(twinId: number): Identity {
    const identity = [...this.#byName.values()].find((one) => one.twinId === twinId);
    if (!identity) throw new Error(`no usable identity of twin ${twinId}`);
    return identity;
  }

  /** The key behind `A:sr25519`. */
  signer(text: string): { readonly identity: Identity; readonly pair: KeyPair } {
    const [name = "", keyType = ""] = text.split(":");
    if (keyType !== "sr25519" && keyType !== "ed25519") throw new Error(`no key type in ${text}`);
    const identity = this.named(name);
    return { identity, pair: identity.pairs[keyType] };
  }

  async #add(entry: VectorEntry): Promise<string> {
    const pairs = await pairsOf(entry.text("mnemonic"));
    const cipher = new MessageCipher(pairs.sr25519.miniSecret);
    this.#byName.set(entry.text("name"), { twinId: entry.number("twin_id"), pairs, cipher });
    for (const [keyType, pair] of Object.entries(pairs)) {
      expectSame(`${keyType} public key`, hex(pair.publicKey), entry.text(`${keyType}_public`));
      expectSame(`${keyType} address`, pair.address, entry.text(`${keyType}_ss58_42`));
      expectSame(`${keyType} mini secret`, pair.miniSecret.reveal(), entry.text("mini_secret"));
    }
    expectSame("secp256k1 private key", pairs.ed25519.miniSecret.reveal(), entry.text("secp256k1_private"));
    expectSame("encryption key", hex(cipher.publicKey), entry.text("e2e_public_compressed"));
    return entry.text("name");
  }
}

/** Mnemonics are slow to read on purpose; the same few come back for each file that is checked. */
const known = new Map<string, Identity["pairs"]>();

async function pairsOf(mnemonic: string): Promise<Identity["pairs"]> {
  const secret = new Secret(mnemonic);
  const pairs = known.get(mnemonic) ?? {
    sr25519: await createKeyPair(secret, "sr25519"),
    ed25519: await createKeyPair(secret, "ed25519"),
  };
  known.set(mnemonic, pairs);
  return pairs;
}

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
