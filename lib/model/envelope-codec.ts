import { ProtobufError, ProtoReader, ProtoWriter } from "../core/protobuf";
import type { Address, Envelope, EnvelopeMessage } from "./envelope";

/**
 * Envelopes as bytes. Encoders differ in the order and presence of empty fields: decode and compare, never compare
 * bytes.
 *
 * @source rmb-rs proto/types.proto
 */

/** Largest envelope a relay takes: 64 MiB, the websocket library's own limit. @source rmb-rs (tungstenite defaults) */
export const MAX_ENVELOPE_BYTES = 64 * 1024 * 1024;

/** More relays than this do not fit the 1024 bytes that the chain allows. */
const MAX_RELAYS = 1024;

const UINT32 = 0xffff_ffff;

/** Fields of one message, by number; later ones win. */
type FieldReaders<T> = Readonly<Record<number, (reader: ProtoReader, soFar: T) => void>>;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type MutableEnvelope = Mutable<Envelope> & { relays: string[] };

const addressFields: FieldReaders<Mutable<Address>> = {
  1: (reader, address) => {
    address.twinId = reader.uint(UINT32);
  },
  2: (reader, address) => {
    address.session = reader.string();
  },
};

const requestFields: FieldReaders<{ kind: "request"; command: string }> = {
  1: (reader, request) => {
    request.command = reader.string();
  },
};

const errorFields: FieldReaders<{ kind: "error"; code: number; text: string }> = {
  1: (reader, error) => {
    error.code = reader.uint(UINT32);
  },
  2: (reader, error) => {
    error.text = reader.string();
  },
};

const envelopeFields: FieldReaders<MutableEnvelope> = {
  1: (reader, envelope) => {
    envelope.uid = reader.string();
  },
  2: (reader, envelope) => {
    envelope.tags = reader.string();
  },
  3: (reader, envelope) => {
    envelope.timestampSec = reader.uint();
  },
  4: (reader, envelope) => {
    envelope.expirationSec = reader.uint();
  },
  5: (reader, envelope) => {
    envelope.source = readAddress(reader, envelope.source);
  },
  6: (reader, envelope) => {
    envelope.destination = readAddress(reader, envelope.destination);
  },
  7: (reader, envelope) => {
    envelope.message = readInto({ kind: "request", command: "" }, reader.bytes(), requestFields);
  },
  8: (reader, envelope) => {
    envelope.message = readInto({ kind: "response" }, reader.bytes(), {});
  },
  9: (reader, envelope) => {
    envelope.signature = reader.bytes();
  },
  10: (reader, envelope) => {
    envelope.schema = reader.string();
  },
  11: (reader, envelope) => {
    envelope.federation = reader.string();
  },
  12: (reader, envelope) => {
    envelope.message = readInto({ kind: "error", code: 0, text: "" }, reader.bytes(), errorFields);
  },
  13: (reader, envelope) => {
    envelope.payload = { kind: "plain", bytes: reader.bytes() };
  },
  14: (reader, envelope) => {
    envelope.payload = { kind: "cipher", bytes: reader.bytes() };
  },
  15: (reader, envelope) => {
    envelope.message = readInto({ kind: "ping" }, reader.bytes(), {});
  },
  16: (reader, envelope) => {
    envelope.message = readInto({ kind: "pong" }, reader.bytes(), {});
  },
  17: (reader, envelope) => {
    if (envelope.relays.push(reader.string()) > MAX_RELAYS) throw new ProtobufError(`more than ${MAX_RELAYS} relays`);
  },
};

/**
 * Reads an envelope; fields it does not know are passed over. Payload and signature are views of the input.
 *
 * @throws {GridError} TFG_MALFORMED_MESSAGE when the bytes are no envelope or larger than a relay takes
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length > MAX_ENVELOPE_BYTES)
    throw new ProtobufError(`${bytes.length} bytes, more than ${MAX_ENVELOPE_BYTES}`);
  return readInto({ uid: "", timestampSec: 0, expirationSec: 0, relays: [] }, bytes, envelopeFields);
}

/** Writes an envelope. Absent optional fields are left out, empty ones are sent, as a signature may cover neither. */
export function encodeEnvelope(envelope: Envelope): Buffer {
  const writer = new ProtoWriter();
  writeText(writer, 1, envelope.uid || undefined);
  writeText(writer, 2, envelope.tags);
  writeNumber(writer, 3, envelope.timestampSec);
  writeNumber(writer, 4, envelope.expirationSec);
  writeAddress(writer, 5, envelope.source);
  writeAddress(writer, 6, envelope.destination);
  if (envelope.message) writeMessage(writer, envelope.message);
  if (envelope.signature) writer.bytes(9, envelope.signature);
  writeText(writer, 10, envelope.schema);
  writeText(writer, 11, envelope.federation);
  if (envelope.payload) writer.bytes(envelope.payload.kind === "plain" ? 13 : 14, envelope.payload.bytes);
  for (const relay of envelope.relays) writer.bytes(17, relay);
  return writer.finish();
}

function readInto<T>(target: T, bytes: Uint8Array, readers: FieldReaders<T>): T {
  const reader = new ProtoReader(bytes);
  for (let field = reader.field(); field; field = reader.field()) {
    const read = readers[field.number];
    if (read) read(reader, target);
    else reader.skip();
  }
  return target;
}

/** An embedded message that comes twice is merged, as protobuf asks for. */
function readAddress(reader: ProtoReader, soFar: Address | undefined): Address {
  return readInto({ twinId: 0, ...soFar }, reader.bytes(), addressFields);
}

function writeText(writer: ProtoWriter, number: number, text: string | undefined): void {
  if (text !== undefined) writer.bytes(number, text);
}

function writeNumber(writer: ProtoWriter, number: number, value: number): void {
  if (value !== 0) writer.varint(number, value);
}

function writeAddress(writer: ProtoWriter, number: number, address: Address | undefined): void {
  if (!address) return;
  const inner = new ProtoWriter();
  writeNumber(inner, 1, address.twinId);
  writeText(inner, 2, address.session);
  writer.bytes(number, inner.finish());
}

function writeMessage(writer: ProtoWriter, message: EnvelopeMessage): void {
  const inner = new ProtoWriter();
  if (message.kind === "request") writeText(inner, 1, message.command || undefined);
  if (message.kind === "error") {
    writeNumber(inner, 1, message.code);
    writeText(inner, 2, message.text || undefined);
  }
  writer.bytes({ request: 7, response: 8, error: 12, ping: 15, pong: 16 }[message.kind], inner.finish());
}
