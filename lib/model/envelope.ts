import { createHash } from "node:crypto";
import type { KeyPair } from "./key-pair";
import { signPrefixed, verifyPrefixed } from "./prefixed-signature";

/**
 * One message of the message bus, and what its signature covers. The bytes on the wire are in `envelope-codec.ts`.
 *
 * @source rmb-rs proto/types.proto and src/types
 */

/** Where a mailbox is: a twin, and which of its connections. No session and the session `""` are two mailboxes. */
export interface Address {
  /** Twin; 0 stands for nobody. */
  readonly twinId: number;
  /** Which connection of the twin; undefined for its main one, the only one nodes have. */
  readonly session?: string;
}

/** What an envelope says. */
export type EnvelopeMessage =
  | { readonly kind: "request" /** Dotted name, `zos.system.version`. */; readonly command: string }
  | { readonly kind: "response" }
  | { readonly kind: "error"; readonly code: number; readonly text: string }
  | { readonly kind: "ping" }
  | { readonly kind: "pong" };

/** What an envelope carries: JSON in the clear, or encrypted (see `message-encryption.ts`). May be empty. */
export interface EnvelopePayload {
  readonly kind: "plain" | "cipher";
  readonly bytes: Uint8Array;
}

/** A signed message between two twins. */
export interface Envelope {
  /** Chosen by the caller, repeated in the answer. */
  readonly uid: string;
  /** Words for relays, split at commas and white space; `fail-fast` asks for an error instead of queueing. */
  readonly tags?: string;
  /** Unix seconds at which it was made. */
  readonly timestampSec: number;
  /** Seconds of life from then; not a date. */
  readonly expirationSec: number;
  /** The sender; absent in errors that a relay makes. */
  readonly source?: Address;
  /** The receiver; empty in pings. */
  readonly destination?: Address;
  readonly message?: EnvelopeMessage;
  readonly payload?: EnvelopePayload;
  /** 65 bytes: scheme prefix and signature of the digest; pings and relay errors have none. */
  readonly signature?: Uint8Array;
  /** What the payload is; nodes insist on `application/json`. */
  readonly schema?: string;
  /** Relays of the receiver. Deprecated but signed. */
  readonly federation?: string;
  /** Relays of the sender. Deprecated but signed. */
  readonly relays: readonly string[];
}

/** The only schema on the grid. */
export const JSON_SCHEMA = "application/json";

/** The tag that makes a relay answer `destination offline` at once instead of queueing. */
export const FAIL_FAST = "fail-fast";

/** The bytes whose MD5 is signed: the parts in fixed order without separators, numbers as decimal text. */
export function envelopePreimage(envelope: Envelope): Buffer {
  const parts: (string | number | Uint8Array | undefined)[] = [
    envelope.uid,
    envelope.tags,
    envelope.timestampSec,
    envelope.expirationSec,
    ...addressParts(envelope.source),
    ...addressParts(envelope.destination),
    ...messageParts(envelope.message),
    envelope.schema,
    envelope.federation,
    envelope.payload?.bytes,
    ...envelope.relays,
  ];
  return Buffer.concat(
    parts
      .filter((part) => part !== undefined)
      .map((part) => (part instanceof Uint8Array ? part : Buffer.from(`${part}`))),
  );
}

/** 16 bytes: what is signed. A payload is covered as it travels, so encrypt first. */
export function envelopeDigest(envelope: Envelope): Buffer {
  return createHash("md5").update(envelopePreimage(envelope)).digest();
}

/** The envelope with a signature by the account of its source twin. */
export function signEnvelope(envelope: Envelope, account: KeyPair): Envelope {
  return { ...envelope, signature: signPrefixed(account, envelopeDigest(envelope)) };
}

/** True when the envelope is signed by that account, which must be the one the chain has for its source twin. */
export function verifyEnvelope(envelope: Envelope, accountId: Uint8Array): boolean {
  return envelope.signature !== undefined && verifyPrefixed(envelopeDigest(envelope), envelope.signature, accountId);
}

/** True when both name the same mailbox. */
export function isSameAddress(one: Address | undefined, other: Address | undefined): boolean {
  return one?.twinId === other?.twinId && one?.session === other?.session;
}

/** True when the sender asked relays not to queue. The word is case sensitive. */
export function isFailFast(envelope: Envelope): boolean {
  return (envelope.tags ?? "").split(/[,\s]+/).includes(FAIL_FAST);
}

/** A missing address counts as twin 0, which is how the relay's own code digests it. */
function addressParts(address: Address | undefined): (string | number | undefined)[] {
  return [address?.twinId ?? 0, address?.session];
}

function messageParts(message: EnvelopeMessage | undefined): (string | number)[] {
  if (message?.kind === "request") return [message.command];
  if (message?.kind === "error") return [message.code, message.text];
  return [];
}
