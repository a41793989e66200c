import type { GridError } from "../../core/errors";
import { type Address, type Envelope, isSameAddress, verifyEnvelope } from "../../model/envelope";
import type { MessageCipher } from "../../model/message-encryption";
import type { Twin } from "../../model/twin";
import {
  answerUndecryptable,
  answerUnreadable,
  type CallFacts,
  nodeOffline,
  nodeRefused,
  relayRejected,
} from "./relay-errors";

/** What an envelope with the uid of a call means: its result, its failure, or nothing because it cannot be trusted. */
export type Verdict =
  | { readonly kind: "result"; readonly value: unknown }
  | { readonly kind: "failure"; readonly error: GridError }
  | { readonly kind: "dropped"; readonly reason: string };

/** What an answer is held against. */
export interface Expectation {
  readonly call: CallFacts;
  /** The twin that was asked, as the chain has it. */
  readonly node: Twin;
  /** Our own mailbox. */
  readonly self: Address;
  /** Decrypts what the node encrypted for us. */
  readonly cipher: MessageCipher;
}

/** The relay's words for a message it would not carry at all, as opposed to one it could not deliver. */
const REJECTIONS: ReadonlySet<string> = new Set([
  "exceeded rate limits, dropping message",
  "message wrong source",
  "message with missing destination",
]);

/**
 * Decides about an answer. Only the twin that was asked may answer, with a signature of the account that the chain has
 * for it; only relays send unsigned errors, and those name no source.
 */
export function judgeAnswer(envelope: Envelope, expected: Expectation): Verdict {
  const { message, source } = envelope;
  if (!isSameAddress(envelope.destination, expected.self)) return dropped("it is for another mailbox");
  if (!source?.twinId) {
    return message?.kind === "error" ? failure(relayError(expected.call, message.text)) : dropped("it has no source");
  }
  if (source.twinId !== expected.node.twinId) return dropped(`it comes from twin ${source.twinId}`);
  if (!verifyEnvelope(envelope, expected.node.accountId)) return dropped("its signature is not the node's");
  if (message?.kind === "error") return failure(nodeRefused(expected.call, message.text, message.code));
  return message?.kind === "response" ? readResult(envelope, expected) : dropped(`it is a ${message?.kind}`);
}

function relayError(call: CallFacts, text: string): GridError {
  return REJECTIONS.has(text) ? relayRejected(call, text) : nodeOffline(call, text);
}

function readResult({ payload }: Envelope, { call, node, cipher }: Expectation): Verdict {
  const isEncrypted = payload?.kind === "cipher";
  const json = isEncrypted
    ? node.encryptionKey && cipher.decryptFrom(node.encryptionKey, payload.bytes)
    : payload?.bytes;
  if (!json && isEncrypted) return failure(answerUndecryptable(call));
  const text = Buffer.from(json ?? []).toString("utf8");
  try {
    return { kind: "result", value: text === "" ? null : JSON.parse(text) };
  } catch {
    // The parser's words add nothing to the text itself.
    return failure(answerUnreadable(call, text));
  }
}

function failure(error: GridError): Verdict {
  return { kind: "failure", error };
}

function dropped(reason: string): Verdict {
  return { kind: "dropped", reason };
}
