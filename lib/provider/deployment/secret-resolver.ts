import { createHash } from "node:crypto";
import type { KeyDerivation } from "../../model/key-derivation";
import { parseSecretReference, resolveSecret } from "./secret-references";

/** What a resolver remembers of values from outside: keyed fingerprints by label. */
export type Fingerprints = Readonly<Record<string, string>>;

/** Turns secret references of one object into values while its deployment is built. */
export interface SecretResolver {
  /** Value of a reference. `label` says where it is used. */
  resolve(label: string, reference: string): string;
  /** Values that only configuration holds, by name. `version` tells which set of them is meant. */
  writeOnly(version: number): Readonly<Record<string, string>>;
  /** Keys of the project. */
  readonly keys: KeyDerivation;
}

/** Resolves for real, for the deployment that is signed, and notes fingerprints of what comes from outside. */
export class LiveSecrets implements SecretResolver {
  readonly keys: KeyDerivation;
  readonly #writeOnlyValues: Readonly<Record<string, string>>;
  readonly #fingerprints: Record<string, string> = {};
  readonly #outside: Record<string, string> = {};
  readonly #missing: string[] = [];
  readonly #onMissing: "throw" | "stand-in";

  /**
   * @param writeOnlyValues what the configuration gives as write-only values
   * @param onMissing a plan goes on with a stand-in, because a destroy plans first; an apply must not
   */
  constructor(keys: KeyDerivation, writeOnlyValues: Readonly<Record<string, string>>, onMissing: "throw" | "stand-in") {
    this.keys = keys;
    this.#writeOnlyValues = writeOnlyValues;
    this.#onMissing = onMissing;
  }

  /** Fingerprints of the values used so far. */
  get fingerprints(): Fingerprints {
    return this.#fingerprints;
  }

  /** References to what is kept outside, by where they are used. */
  get outside(): Readonly<Record<string, string>> {
    return this.#outside;
  }

  /** What could not be read, in the words of the error. */
  get missing(): readonly string[] {
    return this.#missing;
  }

  resolve(label: string, reference: string): string {
    const isOutside = parseSecretReference(reference)?.source !== "derive";
    if (isOutside) this.#outside[label] = reference;
    try {
      const value = resolveSecret(reference, this.keys, label).reveal();
      if (isOutside) this.#fingerprints[label] = this.keys.fingerprint(label, value);
      return value;
    } catch (error) {
      if (this.#onMissing === "throw" || !(error instanceof Error)) throw error;
      this.#missing.push(error.message);
      return standIn(label);
    }
  }

  writeOnly(): Readonly<Record<string, string>> {
    return this.#writeOnlyValues;
  }
}

/**
 * Rebuilds what was deployed from state, which holds no secret: a value counts as the same when its fingerprint (or, for
 * write-only values, its version) is, and as some other value when it is not.
 */
export class RememberedSecrets implements SecretResolver {
  readonly keys: KeyDerivation;
  readonly #live: LiveSecrets;
  readonly #fingerprints: Fingerprints;
  readonly #versionNow: number;

  constructor(live: LiveSecrets, fingerprints: Fingerprints, versionNow: number) {
    this.keys = live.keys;
    this.#live = live;
    this.#fingerprints = fingerprints;
    this.#versionNow = versionNow;
  }

  resolve(label: string, reference: string): string {
    const value = this.#live.resolve(label, reference);
    const known = this.#fingerprints[label];
    const isSame = known === undefined || value === standIn(label) || this.keys.fingerprint(label, value) === known;
    return isSame ? value : digest(`former ${label}`);
  }

  writeOnly(version: number): Readonly<Record<string, string>> {
    const values = this.#live.writeOnly();
    if (version === this.#versionNow) return values;
    return Object.fromEntries(Object.keys(values).map((name) => [name, `former ${name}`]));
  }
}

function standIn(label: string): string {
  return digest(`value of ${label}`);
}

/** Hexadecimal digits pass wherever a text or a key may stand. */
function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
