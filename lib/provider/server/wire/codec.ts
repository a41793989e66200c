import { ProtoReader, ProtoWriter } from "../../../core/protobuf";
import { type Message, type MessageInit, type MessageName, messages } from "./messages";

type Scalar = "string" | "bytes" | "bool" | "int";
type Kind = Scalar | MessageName;

/** One field of the table, parsed. */
interface Field {
  readonly name: string;
  readonly number: number;
  readonly kind: Kind;
  readonly shape: "plain" | "repeated" | "present" | "map";
}

type Loose = Record<string, unknown>;

/** Reads a message. @throws {ProtobufError} on malformed bytes */
export function decode<N extends MessageName>(name: N, bytes: Uint8Array): Message<N> {
  return readMessage(name, bytes) as Message<N>;
}

/** Writes a message; plain scalars at their zero value are left out, as proto3 does. */
export function encode<N extends MessageName>(name: N, message: MessageInit<N>): Buffer {
  return writeMessage(name, message as Loose);
}

function readMessage(name: MessageName, bytes: Uint8Array): Loose {
  const fields = fieldsOf(name);
  const message: Loose = {};
  for (const field of fields.values()) message[field.name] = initial(field);
  const reader = new ProtoReader(bytes);
  for (let next = reader.field(); next; next = reader.field()) {
    const field = fields.get(next.number);
    if (field) readField(message, field, reader);
    else reader.skip();
  }
  return message;
}

function readField(message: Loose, field: Field, reader: ProtoReader): void {
  if (field.shape === "map") {
    const [key, value] = readEntry(field.kind, reader.bytes());
    (message[field.name] as Loose)[key] = value;
  } else if (field.shape === "repeated") {
    (message[field.name] as unknown[]).push(readOne(field.kind, reader));
  } else {
    message[field.name] = readOne(field.kind, reader);
  }
}

function readOne(kind: Kind, reader: ProtoReader): unknown {
  switch (kind) {
    case "string":
      return reader.string();
    case "bytes":
      return reader.bytes();
    case "bool":
      return reader.uint64() !== 0n;
    case "int":
      return reader.int64();
    default:
      return readMessage(kind, reader.bytes());
  }
}

/** A map travels as repeated messages of key (1) and value (2), either left out when zero. */
function readEntry(kind: Kind, bytes: Uint8Array): [string, unknown] {
  const reader = new ProtoReader(bytes);
  let key = "";
  let value: unknown = zeroOf(kind) ?? readMessage(kind as MessageName, new Uint8Array());
  for (let next = reader.field(); next; next = reader.field()) {
    if (next.number === 1) key = reader.string();
    else if (next.number === 2) value = readOne(kind, reader);
    else reader.skip();
  }
  return [key, value];
}

function writeMessage(name: MessageName, message: Loose): Buffer {
  const writer = new ProtoWriter();
  for (const field of fieldsOf(name).values()) {
    const value = message[field.name];
    if (value !== undefined) writeField(writer, field, value);
  }
  return writer.finish();
}

function writeField(writer: ProtoWriter, field: Field, value: unknown): void {
  if (field.shape === "map") {
    for (const [key, item] of Object.entries(value as Loose)) {
      const entry = new ProtoWriter().bytes(1, key);
      writeOne(entry, 2, field.kind, item);
      writer.bytes(field.number, entry.finish());
    }
  } else if (field.shape === "repeated") {
    for (const item of value as unknown[]) writeOne(writer, field.number, field.kind, item);
  } else if (field.shape === "present" || !isZero(value)) {
    writeOne(writer, field.number, field.kind, value);
  }
}

function writeOne(writer: ProtoWriter, number: number, kind: Kind, value: unknown): void {
  if (kind === "string" || kind === "bytes") writer.bytes(number, value as string | Uint8Array);
  else if (kind === "bool" || kind === "int") writer.varint(number, Number(value));
  else writer.bytes(number, writeMessage(kind, value as Loose));
}

function isZero(value: unknown): boolean {
  return value === "" || value === 0 || value === false || (value instanceof Uint8Array && value.length === 0);
}

function initial(field: Field): unknown {
  if (field.shape === "map") return Object.create(null);
  if (field.shape === "repeated") return [];
  return field.shape === "present" ? undefined : zeroOf(field.kind);
}

function zeroOf(kind: Kind): unknown {
  const zeros: Loose = { string: "", bytes: new Uint8Array(), bool: false, int: 0 };
  return zeros[kind];
}

const parsed = new Map<MessageName, ReadonlyMap<number, Field>>();

function fieldsOf(name: MessageName): ReadonlyMap<number, Field> {
  const known = parsed.get(name);
  if (known) return known;
  const fields = Object.entries(messages[name] as Record<string, string>).map(([key, spec]) => parseField(key, spec));
  const byNumber = new Map(fields.map((field) => [field.number, field]));
  parsed.set(name, byNumber);
  return byNumber;
}

function parseField(name: string, spec: string): Field {
  const [, number, map, kind, suffix] = /^(\d+) (map )?([\w.]+)([*?]?)$/.exec(spec) ?? [];
  const shape = map ? "map" : suffix === "*" ? "repeated" : suffix === "?" ? "present" : "plain";
  return { name, number: Number(number), kind: kind as Kind, shape };
}
