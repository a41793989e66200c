import { type Address, type Envelope, type EnvelopePayload, FAIL_FAST, JSON_SCHEMA } from "../../model/envelope";
import type { MessageCipher } from "../../model/message-encryption";
import type { Twin } from "../../model/twin";

/** Everything a request is made of. */
export interface RequestParts {
  readonly uid: string;
  readonly command: string;
  /** Becomes JSON; undefined travels as an empty payload in the clear, as the official client does. */
  readonly payload: unknown;
  /** The twin to ask. */
  readonly node: Twin;
  /** The caller's twin. */
  readonly twin: Twin;
  /** The caller's mailbox. */
  readonly self: Address;
  readonly cipher: MessageCipher;
  readonly isFailFast: boolean;
  readonly timeoutMs: number;
  readonly nowMs: number;
}

/**
 * A request, not yet signed. It is encrypted when both twins have a key on the chain: a node decrypts with the key it
 * finds there.
 *
 * @source rmb_direct_client 2.9.2
 * @throws {GridError} TFG_ENCRYPTION_KEY when the node's key is not usable
 */
export function buildRequest(parts: RequestParts): Envelope {
  const { uid, command, node, twin, self, isFailFast, timeoutMs, nowMs } = parts;
  return {
    uid,
    tags: isFailFast ? FAIL_FAST : undefined,
    timestampSec: Math.floor(nowMs / 1000),
    expirationSec: Math.ceil(timeoutMs / 1000),
    source: self,
    destination: { twinId: node.twinId },
    message: { kind: "request", command },
    payload: seal(parts),
    schema: JSON_SCHEMA,
    federation: node.relay,
    relays: twin.relay?.split("_") ?? [],
  };
}

function seal({ payload, node, twin, cipher }: RequestParts): EnvelopePayload {
  const json = Buffer.from(payload === undefined ? "" : JSON.stringify(payload));
  if (json.length === 0 || !node.encryptionKey || !twin.encryptionKey) return { kind: "plain", bytes: json };
  return { kind: "cipher", bytes: cipher.encryptFor(node.encryptionKey, json) };
}
