import { decodeAddress, signatureVerify } from "@polkadot/util-crypto";
import { answerPing } from "../../../lib/devgrid/relay/relay-answers";
import {
  type Address,
  type Envelope,
  type EnvelopeMessage,
  envelopeDigest,
  envelopePreimage,
  JSON_SCHEMA,
  signEnvelope,
  verifyEnvelope,
} from "../../../lib/model/envelope";
import { decodeEnvelope, encodeEnvelope } from "../../../lib/model/envelope-codec";
import { hex, type Identities } from "./rmb-identities";
import { expectSame, type VectorEntry } from "./vector-entry";

/** Fields, wire, preimage, digest and signature of one envelope; or that an altered one is refused. */
export function checkEnvelope(entry: VectorEntry, identities: Identities): void {
  const { pair } = identities.signer(entry.text("signer"));
  if (!entry.flag("valid")) {
    expectSame("accepted", isAccepted(entry.bytes("wire"), pair.publicKey), false);
    return;
  }
  const envelope = decodeEnvelope(entry.bytes("wire"));
  const fields = entry.entry("fields");
  expectSame("fields", toFields(envelope), { ...emptyFields, ...(entry.raw("fields") as object) });
  expectSame("encoded anew", toFields(decodeEnvelope(encodeEnvelope(envelope))), toFields(envelope));
  expectSame("signature", hex(envelope.signature ?? Buffer.alloc(0)), entry.text("signature"));
  expectSame("signature among fields", fields.text("signature"), entry.text("signature"));

  const preimage = envelopePreimage(envelope);
  expectSame("preimage", hex(preimage), entry.text("challenge_preimage"));
  if (entry.raw("challenge_preimage_text") !== undefined)
    expectSame("preimage as text", preimage.toString("utf8"), entry.text("challenge_preimage_text"));
  expectSame("digest", hex(envelopeDigest(envelope)), entry.text("challenge_md5"));
  expectSame(
    "digest of encoded anew",
    envelopeDigest(decodeEnvelope(encodeEnvelope(envelope))),
    envelopeDigest(envelope),
  );

  expectSame("signature verifies", verifyEnvelope(envelope, pair.publicKey), true);
  const signedAnew = signEnvelope(envelope, pair);
  expectSame("own signature verifies", verifyEnvelope(signedAnew, pair.publicKey), true);
  expectSame("deterministic signature", pair.keyType === "ed25519", entry.flag("deterministic_signature"));
  if (pair.keyType === "ed25519")
    expectSame("signed anew", hex(signedAnew.signature ?? Buffer.alloc(0)), entry.text("signature"));
}

/**
 * What the official client makes of an answer: it digests every answer as if its schema were `application/json`. We
 * accept whatever it accepts, and refuse what it refuses unless the schema is the reason.
 */
export function checkVerdict(entry: VectorEntry, identities: Identities): void {
  const envelope = decodeEnvelope(entry.bytes("wire"));
  expectSame("source twin", envelope.source?.twinId, entry.number("from_twin"));
  const account = decodeAddress(entry.text("from_account_ss58"));
  const official = officialVerdict(envelope, account);
  expectSame("accepted", official.isValid, entry.flag("accepted"));
  const ours = verifyEnvelope({ ...envelope, schema: JSON_SCHEMA }, account);
  // The official library tries every scheme, also in the frame of browser wallets; we hold a signature to its prefix.
  if (official.isPlain) expectSame("accepted by us", ours, official.isValid);
  else expectSame("accepted by us alone", ours && !official.isValid, false);
  if (envelope.schema === JSON_SCHEMA) expectSame("accepted as it is", verifyEnvelope(envelope, account), ours);
  expectSame("payload", official.isValid ? readPayload(envelope, identities) : undefined, entry.raw("payload_text"));
}

/** What the official library says, and whether it took the signature for what its prefix calls it. */
function officialVerdict(envelope: Envelope, account: Uint8Array): { isValid: boolean; isPlain: boolean } {
  const signature = envelope.signature ?? Buffer.alloc(0);
  const scheme = { s: "sr25519", e: "ed25519" }[String.fromCharCode(signature[0] ?? 0)];
  if (scheme === undefined) return { isValid: false, isPlain: true };
  try {
    const digest = envelopeDigest({ ...envelope, schema: JSON_SCHEMA });
    const { isValid, isWrapped, crypto } = signatureVerify(digest, signature.subarray(1), account);
    return { isValid, isPlain: !isValid || (!isWrapped && crypto === scheme && signature.length === 65) };
  } catch {
    // It throws on a signature of impossible length.
    return { isValid: false, isPlain: true };
  }
}

/** An application ping: unsigned, to nobody. */
export function checkPing(entry: VectorEntry): void {
  const envelope = decodeEnvelope(entry.bytes("wire"));
  const rules = { ...emptyFields, ping: {}, destination: { twin: 0, connection: "" }, schema: JSON_SCHEMA };
  expectSame("fields", toFields(envelope), { ...rules, ...(entry.raw("fields") as object) });
  expectSame("encoded anew", toFields(decodeEnvelope(encodeEnvelope(envelope))), toFields(envelope));
}

/** The pong must be what our relay answers to the ping. */
export function checkPong(entry: VectorEntry, ping: VectorEntry): void {
  const expected = answerPing(decodeEnvelope(ping.bytes("wire")));
  expectSame("pong", toFields(decodeEnvelope(entry.bytes("wire"))), toFields(expected));
}

/** The vector's form of an envelope with nothing in it. Empty and absent texts look the same in it. */
const emptyFields = { tags: "", signature: "", schema: "", federation: "", plain: "", cipher: "", relays: [] };

function toFields(envelope: Envelope): Readonly<Record<string, unknown>> {
  const { payload } = envelope;
  const payloadOf = (kind: string) => (payload?.kind === kind ? hex(payload.bytes) : "");
  return {
    ...emptyFields,
    uid: envelope.uid,
    tags: envelope.tags ?? "",
    timestamp: envelope.timestampSec,
    expiration: envelope.expirationSec,
    ...(envelope.source && { source: toAddress(envelope.source) }),
    ...(envelope.destination && { destination: toAddress(envelope.destination) }),
    ...toMessage(envelope.message),
    signature: hex(envelope.signature ?? Buffer.alloc(0)),
    schema: envelope.schema ?? "",
    federation: envelope.federation ?? "",
    plain: payloadOf("plain"),
    cipher: payloadOf("cipher"),
    relays: [...envelope.relays],
  };
}

function toAddress(address: Address): object {
  return { twin: address.twinId, connection: address.session ?? "" };
}

function toMessage(message: EnvelopeMessage | undefined): object {
  if (!message) return {};
  if (message.kind === "request") return { request: { command: message.command } };
  if (message.kind === "error") return { error: { code: message.code, message: message.text } };
  return { [message.kind]: {} };
}

function isAccepted(wire: Uint8Array, account: Uint8Array): boolean {
  try {
    return verifyEnvelope(decodeEnvelope(wire), account);
  } catch {
    // Altered bytes may not even be an envelope: refused all the same.
    return false;
  }
}

function readPayload(envelope: Envelope, identities: Identities): string | null {
  const { payload } = envelope;
  if (payload?.kind !== "cipher") return Buffer.from(payload?.bytes ?? []).toString("utf8");
  const receiver = identities.ofTwin(envelope.destination?.twinId ?? 0);
  const sender = identities.ofTwin(envelope.source?.twinId ?? 0);
  return receiver.cipher.decryptFrom(sender.cipher.publicKey, payload.bytes)?.toString("utf8") ?? null;
}
