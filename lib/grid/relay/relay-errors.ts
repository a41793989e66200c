import { GridError, quote } from "../../core/errors";
import type { Twin } from "../../model/twin";

/** One failed attempt to open a websocket. */
export interface ConnectFailure {
  /** URL without the token. */
  readonly url: string;
  /** HTTP status when the relay answered; undefined when nobody did. */
  readonly status: number | undefined;
  /** The relay's or the system's own words. */
  readonly reason: string;
}

/** A call, as errors name it. */
export interface CallFacts {
  readonly twinId: number;
  readonly command: string;
  /** How often the message went out: tells what the node may have done. */
  sends: number;
}

const where = ({ twinId, command }: CallFacts) => ({ twin: twinId, command });

const NOT_DELIVERED = "The message was not delivered, so the node did nothing.";

const MAYBE_SERVED = "The message was sent; whether the node acted on it is not known.";

/** What is certain about a call of which `refused` copies did not get through. */
const standing = ({ sends }: CallFacts, refused: number) => (sends > refused ? MAYBE_SERVED : NOT_DELIVERED);

/** No relay can be reached. */
export function relayUnreachable(call: CallFacts, failures: readonly ConnectFailure[]): GridError {
  return new GridError({
    code: "TFG_RELAY_UNREACHABLE",
    summary: "The message relay cannot be reached.",
    facts: { ...where(call), ...listed(failures) },
    standing: standing(call, 0),
    remedy: "check this machine's network and the relay URL, then try again.",
    retryable: true,
  });
}

/** Every relay turned the connection down. */
export function relayRefused(call: CallFacts, failures: readonly ConnectFailure[]): GridError {
  return new GridError({
    code: "TFG_RELAY_REFUSED",
    summary: "The message relay refuses this account.",
    facts: { ...where(call), ...listed(failures) },
    standing: standing(call, 0),
    remedy: "check that the account is of this network and that this machine's clock is right.",
  });
}

/** The relay took the connection but not this message. */
export function relayRejected(call: CallFacts, text: string): GridError {
  return new GridError({
    code: "TFG_RELAY_REFUSED",
    summary: `The message relay did not pass on ${call.command} to twin ${call.twinId}.`,
    facts: { ...where(call), "relay said": quote(text) },
    standing: standing(call, 1),
    remedy: "try again in a minute; if it happens each time, report it with the text above.",
    retryable: true,
  });
}

/** The relay cannot hand the message to the node. */
export function nodeOffline(call: CallFacts, text: string): GridError {
  return new GridError({
    code: "TFG_NODE_UNREACHABLE",
    summary: `The node of twin ${call.twinId} cannot be reached.`,
    facts: { ...where(call), "relay said": quote(text) },
    standing: standing(call, 1),
    remedy: "wait until the node is back, or choose another node.",
    retryable: true,
  });
}

/** The twin does not exist, so there is nobody to call. */
export function twinUnknown(call: CallFacts): GridError {
  return new GridError({
    code: "TFG_NODE_UNREACHABLE",
    summary: `There is no twin ${call.twinId} on the chain to call.`,
    facts: where(call),
    standing: NOT_DELIVERED,
    remedy: "check that the node is of this network.",
  });
}

/** What is known about a call that ran out of time. */
export interface Silence {
  readonly timeoutMs: number;
  /** Why the last answer was not trusted, if there was one. */
  readonly dropped: string | undefined;
  /** Relays of our twin on the chain: where the node sends its answer. */
  readonly answersTo: string | undefined;
}

/** No answer came in time. */
export function nodeSilent(call: CallFacts, { timeoutMs, dropped, answersTo }: Silence): GridError {
  return new GridError({
    code: "TFG_NODE_UNREACHABLE",
    summary: `The node of twin ${call.twinId} did not answer ${call.command} in time.`,
    facts: {
      ...where(call),
      "waited seconds": timeoutMs / 1000,
      "answer not trusted": dropped,
      "answers go to": answersTo,
    },
    standing: standing(call, 0),
    remedy: "try again; if the node stays silent, choose another one.",
    retryable: true,
  });
}

/** The node answered with an error of its own. */
export function nodeRefused(call: CallFacts, text: string, code: number): GridError {
  return new GridError({
    code: "TFG_NODE_REFUSED",
    summary: `The node of twin ${call.twinId} refused ${call.command}.`,
    facts: { ...where(call), "node said": text, "node code": code === 0 ? undefined : code },
    standing: "The node answered; what ran before still runs.",
    remedy: "change what the node's own words point at, or choose another node.",
  });
}

/** The node answered with something that is no JSON. What begins as JSON may be half of a deployment, secrets included. */
export function answerUnreadable(call: CallFacts, text: string): GridError {
  const isHalf = /^\s*[[{"]/.test(text);
  return new GridError({
    code: "TFG_NODE_REFUSED",
    summary: `The node of twin ${call.twinId} answered ${call.command} with something that is not JSON.`,
    facts: { ...where(call), "node said": isHalf ? undefined : quote(text) },
    standing: "The node may have acted on the message.",
    remedy: "try again; if it happens each time, choose another node.",
  });
}

/** Larger than a relay passes on in one frame. */
export function messageTooLarge(call: CallFacts, bytes: number, maxBytes: number): GridError {
  return new GridError({
    code: "TFG_MESSAGE_TOO_LARGE",
    summary: `The message for ${call.command} is larger than a relay takes.`,
    facts: { ...where(call), bytes, allowed: maxBytes },
    standing: NOT_DELIVERED,
    remedy: "split the deployment, or shorten its environment variables.",
  });
}

/** Nodes would encrypt their answers with a key that is not ours. */
export function twinKeyDiffers(twin: Twin, ownKey: Uint8Array): GridError {
  return new GridError({
    code: "TFG_TWIN_KEY",
    summary: `Twin ${twin.twinId} has another encryption key on the chain than this account's, so answers of nodes cannot be read.`,
    facts: { "key on the chain": hex(twin.encryptionKey), "key of this account": hex(ownKey) },
    standing: NOT_DELIVERED,
    remedy:
      "another client set that key and still needs it: stop that client, then set this account's key by logging in to the dashboard with the same secret.",
  });
}

/** An answer that is surely the node's, but not encrypted for us. */
export function answerUndecryptable(call: CallFacts): GridError {
  return new GridError({
    code: "TFG_TWIN_KEY",
    summary: `The node of twin ${call.twinId} answered ${call.command}, but the answer cannot be decrypted.`,
    facts: where(call),
    standing: "The node acted on the message; its answer is lost.",
    remedy: "if this twin's encryption key was changed lately, try again later: nodes remember keys for up to 6 hours.",
  });
}

/** Nodes do not know where to send their answers. */
export function twinWithoutRelay(twin: Twin): GridError {
  return new GridError({
    code: "TFG_TWIN_RELAY",
    summary: `Twin ${twin.twinId} has no relay on the chain, so nodes cannot answer it.`,
    facts: { twin: twin.twinId },
    standing: NOT_DELIVERED,
    remedy: "log in to the dashboard once with this account: it writes the relay to the twin.",
  });
}

/** The client was closed while calls were waiting. */
export function relayClosed(): GridError {
  return new GridError({
    code: "TFG_RELAY_UNREACHABLE",
    summary: "The connection to the message relay was closed while a call was waiting.",
    standing: "Whether the node acted on the message is not known.",
    remedy: "run the command again.",
  });
}

function listed(failures: readonly ConnectFailure[]): Record<string, string> {
  return Object.fromEntries(
    failures.map(({ url, status, reason }) => [url, `${status ? `HTTP ${status} ` : ""}${quote(reason)}`]),
  );
}

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString("hex");
}
