/**
 * A DNS server on a loopback UDP port that answers A and AAAA questions from a table.
 *
 * Differs from the real service:
 * - It knows the names that were set and no other, follows nothing, and answers over UDP only.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet, type Question } from "dns-packet";
import { messageOf } from "../../core/errors";
import type { Log } from "../../core/log";
import type { NameTable } from "./name-table";

/** How the service is started. */
export interface DnsServerOptions {
  /** What it answers from. */
  readonly names: NameTable;
  /** Loopback port. @default 0: the system picks a free one */
  readonly port?: number;
  /** Where packets that make no sense are told. */
  readonly log: Log;
}

/** A DNS server that listens. */
export interface DnsServer {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** How many packets came in since the start. */
  requestCount(): number;
  /** While down no question is answered. */
  setDown(isDown: boolean): void;
  /** Stops listening. */
  close(): Promise<void>;
}

/** Low bits of the flags when a name does not exist. @source RFC 1035, response codes */
const NAME_ERROR = 3;

/** Seconds an answer may be kept: not at all, tests change names between two questions. */
const TTL_SEC = 0;

/** Starts the service on the loopback interface. */
export async function startDnsServer({ names, port = 0, log }: DnsServerOptions): Promise<DnsServer> {
  const socket = createSocket("udp4");
  let requests = 0;
  let isDown = false;
  socket.on("message", (message, from) => {
    requests++;
    if (isDown) return;
    const reply = replyTo(message, names, log);
    if (reply) socket.send(reply, from.port, from.address);
  });
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    requestCount: () => requests,
    setDown: (value) => {
      isDown = value;
    },
    close: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

function replyTo(message: Buffer, names: NameTable, log: Log): Buffer | undefined {
  try {
    return encode(answerTo(decode(message), names));
  } catch (error) {
    log("warn", "a packet that is no DNS question", { reason: messageOf(error) });
    return undefined;
  }
}

function answerTo({ id, questions = [] }: Packet, names: NameTable): Packet {
  const answers = questions.flatMap((question) => answersTo(question, names));
  const isUnknown = questions.every(({ name }) => names.resolve(name).length === 0);
  return {
    id,
    type: "response",
    flags: AUTHORITATIVE_ANSWER | (isUnknown ? NAME_ERROR : 0),
    questions,
    answers,
  };
}

function answersTo({ name, type }: Question, names: NameTable): Answer[] {
  return names.resolve(name).flatMap((data): Answer[] => {
    if (type === "A" && isIP(data) === 4) return [{ name, type, ttl: TTL_SEC, data }];
    if (type === "AAAA" && isIP(data) === 6) return [{ name, type, ttl: TTL_SEC, data }];
    return [];
  });
}
