import { createHmac, hkdfSync } from "node:crypto";
import { Secret } from "../core/secret";

/**
 * What a derived key is for. The words are part of the derivation and can never change without rotating users' keys.
 */
export type KeyKind =
  | "wireguard"
  | "wireguard-access"
  | "wireguard-port"
  | "mycelium"
  | "mycelium-seed"
  | "zdb-password"
  | "qsfs-key"
  | "k3s-token"
  | "k3s-agent-token"
  | "k3s-node-password"
  | "k3s-key"
  | "salt"
  | "key-check"
  | "secret-mac";

/** Which key of a scope is meant. */
export interface KeyName {
  /** What it is for. */
  readonly kind: KeyKind;
  /** The object it belongs to, for example `virtual_machine/web`. */
  readonly identity: string;
  /** Given where each node has a key of its own. */
  readonly nodeId?: number;
  /** Raised to rotate. @default 1 */
  readonly version?: number;
}

/**
 * The source of every key and password of one project: derived, never random and never stored, so that a state file
 * holds none and a lost state loses none.
 *
 * HKDF-SHA256; input: the account's mini-secret (or the separate key secret), salt: the chain's genesis hash, info: the
 * JSON text of `["v1", scope, kind, identity, node id or null, version]`. A stored format: it can never change.
 */
export class KeyDerivation {
  readonly #input: Secret;
  readonly #genesisHash: string;
  readonly #scope: string;

  /**
   * @param input the account's mini-secret in hex, or the text of THREEFOLD_KEY_SECRET
   * @param genesisHash `0x` and 64 hex digits
   * @param scope the project's name when it was created
   */
  constructor(input: Secret, genesisHash: string, scope: string) {
    this.#input = input;
    this.#genesisHash = genesisHash;
    this.#scope = scope;
  }

  /** The same account's keys of another project. */
  ofScope(scope: string): KeyDerivation {
    return new KeyDerivation(this.#input, this.#genesisHash, scope);
  }

  /** Derives `length` bytes. The same name gives the same bytes on every machine, for ever. */
  bytes(name: KeyName, length: number): Buffer {
    const info = JSON.stringify(["v1", this.#scope, name.kind, name.identity, name.nodeId ?? null, name.version ?? 1]);
    const salt = Buffer.from(this.#genesisHash.replace(/^0x/, ""), "hex");
    return Buffer.from(hkdfSync("sha256", this.#inputBytes(), salt, info, length));
  }

  /** Sixteen hex digits that tell two secrets apart without telling anything else. Kept in state. */
  check(): string {
    return this.bytes({ kind: "key-check", identity: "" }, 8).toString("hex");
  }

  /** Keyed fingerprint of a value from outside, so that a change of it is noticed while the value stays unknown. */
  fingerprint(identity: string, value: string): string {
    const key = this.bytes({ kind: "secret-mac", identity }, 32);
    return createHmac("sha256", key).update(value, "utf8").digest("hex").slice(0, 32);
  }

  /** A password of 43 URL-safe characters (256 bits). */
  password(name: KeyName): Secret {
    return new Secret(this.bytes(name, 32).toString("base64url"));
  }

  /** A key of 64 hex digits (256 bits). */
  hexKey(name: KeyName): Secret {
    return new Secret(this.bytes(name, 32).toString("hex"));
  }

  #inputBytes(): Buffer {
    const text = this.#input.reveal();
    return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, "hex") : Buffer.from(text, "utf8");
  }
}
