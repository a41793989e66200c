import type { Envelope } from "../../model/envelope";

/** Seconds of life that a relay gives its own messages. @source rmb-rs src/relay */
const ERROR_EXPIRATION_SEC = 300;

/** What a relay makes of a ping: the same envelope turned round, with a greeting. It stays unsigned. */
export function answerPing(ping: Envelope): Envelope {
  return {
    ...ping,
    source: ping.destination,
    destination: ping.source,
    message: { kind: "pong" },
    payload: { kind: "plain", bytes: Buffer.from("hello world") },
  };
}

/**
 * A relay's own error: no source, no signature, code 0. Undefined unless it answers a request, as errors about other
 * messages go nowhere.
 */
export function answerError(about: Envelope, text: string, nowSec: number): Envelope | undefined {
  if (about.message?.kind !== "request") return undefined;
  return {
    uid: about.uid,
    timestampSec: nowSec,
    expirationSec: ERROR_EXPIRATION_SEC,
    message: { kind: "error", code: 0, text },
    relays: [],
  };
}
