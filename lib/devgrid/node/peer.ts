import type { Clock } from "../../core/clock";
import { messageOf } from "../../core/errors";
import { type Log, silentLog } from "../../core/log";
import {
  type Envelope,
  type EnvelopeMessage,
  type EnvelopePayload,
  JSON_SCHEMA,
  signEnvelope,
  verifyEnvelope,
} from "../../model/envelope";
import { decodeEnvelope, encodeEnvelope } from "../../model/envelope-codec";
import type { KeyPair } from "../../model/key-pair";
import { MessageCipher } from "../../model/message-encryption";
import type { Twin } from "../../model/twin";
import type { Ledger } from "../ledger";
import type { Relay, RelayLink } from "../relay/relay";

/** Seconds of life of an answer. @source zosbase pkg/../rmb-sdk-go peer (node source) */
const ANSWER_EXPIRATION_SEC = 300;

/** Milliseconds before a lost relay is called again. @source rmb-sdk-go peer */
const RETRY_MS = 2_000;

/** Serves one command: gets the caller's twin and the decrypted payload, gives what becomes the JSON of the answer. */
export type NodeCommand = (sourceTwinId: number, payload: Buffer) => Promise<unknown>;

/** What a node needs to be on the message bus. */
export interface NodePeerOptions {
  /** The node's account, ed25519 on real nodes. Its mini-secret is also the encryption key. */
  readonly keys: KeyPair;
  /** The node's twin. */
  readonly twinId: number;
  /** Who is who. */
  readonly ledger: Pick<Ledger, "getTwin">;
  readonly clock: Clock;
  /** Where dropped messages are reported: callers hear nothing of them. @default nowhere */
  readonly log?: Log;
}

/**
 * A node on the message bus: checks, decrypts and answers requests exactly as nodes do, and keeps silent where they do.
 *
 * Differs from the real service: twins are looked up afresh for each message, where nodes remember them for 6 hours.
 *
 * @source threefoldtech/tfgrid-sdk-go rmb-sdk-go/peer, zosbase (node source)
 */
export class NodePeer {
  readonly #options: NodePeerOptions;
  readonly #cipher: MessageCipher;
  readonly #commands = new Map<string, NodeCommand>();
  readonly #log: Log;
  /** True while it takes messages and does what they say, but answers nothing. */
  isSilent = false;
  /** Milliseconds before it turns to a message. */
  delayMs = 0;
  #link: RelayLink | undefined;
  #stay = new AbortController();

  constructor(options: NodePeerOptions) {
    this.#options = options;
    this.#cipher = new MessageCipher(options.keys.miniSecret);
    this.#log = options.log ?? silentLog;
  }

  /** 33 bytes: what the node's twin must have as `pk` on the chain for messages to it to be encrypted. */
  get encryptionKey(): Uint8Array {
    return this.#cipher.publicKey;
  }

  /** True while the node takes messages. */
  get isConnected(): boolean {
    return this.#link !== undefined;
  }

  /** Serves a command under its full name, `zos.system.version`; the text of what it throws is sent to the caller. */
  handle(command: string, serve: NodeCommand): this {
    this.#commands.set(command, serve);
    return this;
  }

  /** Goes online: messages queued for this node arrive at once. */
  connect(relay: Pick<Relay, "attach">): void {
    this.disconnect();
    this.#stay = new AbortController();
    this.#attach(relay, this.#stay.signal);
  }

  /** Goes offline; answers to what is still being worked on are lost. */
  disconnect(): void {
    this.#stay.abort(new Error("the node went offline"));
    this.#link?.detach();
    this.#link = undefined;
  }

  /** The encoded answer to an encoded envelope; undefined where a node says nothing. Never rejects. */
  async receive(bytes: Uint8Array): Promise<Buffer | undefined> {
    try {
      const request = decodeEnvelope(bytes);
      const caller = this.#requireCaller(request);
      const command = requireCommand(request);
      const payload = this.#open(request, caller);
      return encodeEnvelope(this.#answer(request, caller, await this.#serve(command, caller, payload)));
    } catch (error) {
      this.#log("debug", "node: dropped a message", { twin: this.#options.twinId, error: messageOf(error) });
      return undefined;
    }
  }

  #attach(relay: Pick<Relay, "attach">, stay: AbortSignal): void {
    const link = relay.attach(
      this.#options.twinId,
      undefined,
      // What waited at the relay comes before the link is there.
      (bytes) => void this.#take(bytes, () => link, stay),
      () => {
        this.#link = undefined;
        this.#options.clock.sleep(RETRY_MS, stay).then(
          () => this.#attach(relay, stay),
          () => {
            // It went offline meanwhile.
          },
        );
      },
    );
    this.#link = link;
  }

  async #take(bytes: Uint8Array, link: () => RelayLink, stay: AbortSignal): Promise<void> {
    if (this.delayMs > 0) {
      try {
        await this.#options.clock.sleep(this.delayMs, stay);
      } catch {
        // It went offline before it came to this message.
        return;
      }
    }
    const answer = await this.receive(bytes);
    if (answer && !this.isSilent) link().send(answer);
  }

  #requireCaller(request: Envelope): Twin {
    const twin = this.#options.ledger.getTwin(request.source?.twinId ?? 0);
    if (!twin) throw new Error(`unknown source twin ${request.source?.twinId}`);
    if (!verifyEnvelope(request, twin.accountId)) throw new Error("bad signature");
    return twin;
  }

  #open({ payload }: Envelope, caller: Twin): Buffer {
    if (!payload) throw new Error("no payload");
    if (payload.kind === "plain") return Buffer.from(payload.bytes);
    if (!this.#encrypts()) throw new Error("encryption is off");
    const opened = caller.encryptionKey && this.#cipher.decryptFrom(caller.encryptionKey, payload.bytes);
    if (!opened) throw new Error("cannot decrypt the payload");
    return opened;
  }

  /** A node that runs without encryption has put no key on the chain. */
  #encrypts(): boolean {
    return this.#options.ledger.getTwin(this.#options.twinId)?.encryptionKey !== undefined;
  }

  async #serve(command: string, caller: Twin, payload: Buffer): Promise<Outcome> {
    try {
      const serve = this.#commands.get(command);
      if (!serve) throw new Error("function is not found");
      const result = await serve(caller.twinId, payload);
      return { message: { kind: "response" }, json: JSON.stringify(result ?? null) };
    } catch (error) {
      return { message: { kind: "error", code: 0, text: messageOf(error) }, json: "null" };
    }
  }

  #answer(request: Envelope, caller: Twin, { message, json }: Outcome): Envelope {
    const { keys, twinId, clock, ledger } = this.#options;
    const answer: Envelope = {
      uid: request.uid,
      timestampSec: Math.floor(clock.now() / 1000),
      expirationSec: ANSWER_EXPIRATION_SEC,
      source: { twinId },
      destination: request.source,
      message,
      payload: this.#seal(Buffer.from(json), caller),
      schema: JSON_SCHEMA,
      federation: caller.relay,
      relays: ledger.getTwin(twinId)?.relay?.split("_") ?? [],
    };
    return signEnvelope(answer, keys);
  }

  /** A plain request, too, is answered encrypted when the caller's twin has a key. */
  #seal(json: Buffer, caller: Twin): EnvelopePayload {
    if (!caller.encryptionKey || !this.#encrypts()) return { kind: "plain", bytes: json };
    return { kind: "cipher", bytes: this.#cipher.encryptFor(caller.encryptionKey, json) };
  }
}

/** How a command ended. */
interface Outcome {
  readonly message: EnvelopeMessage;
  readonly json: string;
}

function requireCommand({ message, schema }: Envelope): string {
  if (message?.kind !== "request") throw new Error("not a request");
  if (schema !== JSON_SCHEMA) throw new Error(`schema ${schema}`);
  return message.command;
}
