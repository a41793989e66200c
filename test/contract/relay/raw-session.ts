import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { withDeadline } from "../../../lib/core/backoff";
import type { Address, Envelope } from "../../../lib/model/envelope";
import { decodeEnvelope, encodeEnvelope } from "../../../lib/model/envelope-codec";

/** An envelope as it came, and what it says. */
export interface Received {
  readonly bytes: Buffer;
  readonly envelope: Envelope;
}

/** Longest wait for anything a relay should do at once. */
const PATIENCE_MS = 15_000;

/** A bare websocket to a relay that does nothing by itself: no keepalive, no reconnect, no checks. */
export class RawSession {
  /** Resolves when the connection has ended, whoever ended it. */
  readonly #closed: Promise<void>;
  readonly #received: Received[] = [];
  #wake: () => void = () => undefined;

  private constructor(
    /** The mailbox that was opened. */
    readonly address: Address,
    private readonly socket: WebSocket,
  ) {
    this.#closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("message", (data: Buffer) => {
      this.#received.push({ bytes: data, envelope: decodeEnvelope(data) });
      this.#wake();
    });
  }

  /** Opens a mailbox. A refusal by the relay rejects with its status and text: `401 twin not found 9`. */
  static async open(url: string, address: Address): Promise<RawSession> {
    const socket = new WebSocket(url, { handshakeTimeout: PATIENCE_MS, perMessageDeflate: false });
    const session = new RawSession(address, socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.on("error", reject);
      socket.once("unexpected-response", (_, response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => {
          text += part;
        });
        response.once("end", () => reject(new Error(`${response.statusCode} ${text.trim()}`)));
      });
    });
    return session;
  }

  /** Sends an envelope, or any bytes. */
  send(message: Envelope | Uint8Array): void {
    this.socket.send(message instanceof Uint8Array ? message : encodeEnvelope(message));
  }

  /** Sends a text frame, which is no envelope. */
  sendText(text: string): void {
    this.socket.send(text);
  }

  /** The next envelope that was not taken yet. */
  next(): Promise<Received> {
    const take = async () => {
      for (;;) {
        const received = this.#received.shift();
        if (received) return received;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    return inTime(take(), "no message came");
  }

  /** Everything that comes until the relay answers a ping of ours: what it had to say at once is among it. */
  async drain(): Promise<Received[]> {
    const uid = randomUUID();
    const timestampSec = Math.floor(Date.now() / 1000);
    this.send({
      uid,
      timestampSec,
      expirationSec: 40,
      source: this.address,
      destination: { twinId: 0 },
      message: { kind: "ping" },
      relays: [],
    });
    const came: Received[] = [];
    for (;;) {
      const received = await this.next();
      if (received.envelope.uid === uid) return came;
      came.push(received);
    }
  }

  /** Resolves with the payload of the websocket's own pong. */
  controlPing(payload: string): Promise<string> {
    const answered = new Promise<string>((resolve) => this.socket.once("pong", (data) => resolve(data.toString())));
    this.socket.ping(payload);
    return inTime(answered, "no pong came");
  }

  /** Resolves once the relay has closed the connection. */
  closedByRelay(): Promise<void> {
    return inTime(this.#closed, "the relay kept the connection open");
  }

  /** Hangs up and waits until it is over. */
  async close(): Promise<void> {
    this.socket.close();
    const impatience = setTimeout(() => this.socket.terminate(), 2_000);
    await this.#closed;
    clearTimeout(impatience);
  }
}

function inTime<T>(work: Promise<T>, complaint: string): Promise<T> {
  return withDeadline(work, {
    ms: PATIENCE_MS,
    onTimeout: () => new Error(`${complaint} within ${PATIENCE_MS / 1000} s`),
  });
}
