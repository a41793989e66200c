import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createSecretKey,
  type ECDH,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { GridError } from "../core/errors";
import type { Secret } from "../core/secret";

/**
 * End-to-end encryption of message payloads: secp256k1 key agreement, SHA-256 of the shared x coordinate, AES-256-GCM.
 * A cipher is nonce (12) · ciphertext · tag (16).
 *
 * @source rmb-rs src/peer/e2e, rmb_direct_client 2.9.2
 */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Agreed keys kept per peer: an agreement costs more than the encryption itself. */
const MAX_AGREEMENTS = 1000;

/** Encrypts and decrypts with one account's key. Both signature schemes of an account share it. */
export class MessageCipher {
  readonly #ecdh: ECDH;
  readonly #agreed = new Map<string, KeyObject>();

  constructor(miniSecret: Secret) {
    this.#ecdh = createECDH("secp256k1");
    this.#ecdh.setPrivateKey(Buffer.from(miniSecret.reveal(), "hex"));
  }

  /** 33 bytes, compressed: what the twin's `pk` on the chain must be. */
  get publicKey(): Uint8Array {
    return this.#ecdh.getPublicKey(null, "compressed");
  }

  /** The key both sides arrive at. @throws {GridError} TFG_ENCRYPTION_KEY when the other key is no curve point */
  agree(otherPublicKey: Uint8Array): KeyObject {
    const name = Buffer.from(otherPublicKey).toString("hex");
    const known = this.#agreed.get(name);
    if (known) return known;
    const key = createSecretKey(createHash("sha256").update(this.#sharedX(otherPublicKey)).digest());
    if (this.#agreed.size >= MAX_AGREEMENTS) this.#agreed.clear();
    this.#agreed.set(name, key);
    return key;
  }

  /** Encrypts for the owner of that key. @throws {GridError} TFG_ENCRYPTION_KEY when the key is no curve point */
  encryptFor(otherPublicKey: Uint8Array, plaintext: Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.agree(otherPublicKey), nonce);
    return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** Decrypts what the owner of that key encrypted for us; undefined when it was not them, not for us, or altered. */
  decryptFrom(otherPublicKey: Uint8Array, cipher: Uint8Array): Buffer | undefined {
    if (cipher.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const nonce = cipher.subarray(0, NONCE_BYTES);
    const tag = cipher.subarray(cipher.length - TAG_BYTES);
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.agree(otherPublicKey), nonce, { authTagLength: TAG_BYTES });
      decipher.setAuthTag(tag);
      const body = decipher.update(cipher.subarray(NONCE_BYTES, cipher.length - TAG_BYTES));
      return Buffer.concat([body, decipher.final()]);
    } catch {
      // The only way the library has to say that the tag does not fit, or that the key is no point of the curve.
      return undefined;
    }
  }

  #sharedX(otherPublicKey: Uint8Array): Buffer {
    try {
      return this.#ecdh.computeSecret(otherPublicKey);
    } catch (cause) {
      throw badEncryptionKey(otherPublicKey, cause);
    }
  }
}

function badEncryptionKey(key: Uint8Array, cause: unknown): GridError {
  return new GridError({
    code: "TFG_ENCRYPTION_KEY",
    summary: "A twin's encryption key on the chain is not usable.",
    facts: { key: Buffer.from(key).toString("hex"), needed: "33 bytes, a compressed secp256k1 point" },
    standing: "Nothing was sent.",
    remedy: "the owner of that twin has to set its key again; choose another node until then.",
    cause,
  });
}
