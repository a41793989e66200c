import { randomBytes, randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { withDeadline } from "../../core/backoff";
import { type Clock, systemClock } from "../../core/clock";
import { messageOf } from "../../core/errors";
import { type Log, silentLog } from "../../core/log";
import { signEnvelope } from "../../model/envelope";
import { decodeEnvelope, encodeEnvelope } from "../../model/envelope-codec";
import type { KeyPair } from "../../model/key-pair";
import { MessageCipher } from "../../model/message-encryption";
import { createRelayToken } from "../../model/relay-token";
import type { Twin } from "../../model/twin";
import type { NodeCallOptions, NodeClient } from "../clients";
import { buildRequest } from "./build-request";
import { type Expectation, judgeAnswer } from "./judge-answer";
import {
  type CallFacts,
  type ConnectFailure,
  messageTooLarge,
  nodeSilent,
  relayClosed,
  relayRefused,
  relayUnreachable,
  twinKeyDiffers,
  twinUnknown,
  twinWithoutRelay,
} from "./relay-errors";
import { RelaySocket } from "./relay-socket";
import { Slots } from "./slots";
import { TwinCache } from "./twin-cache";

/** How the message bus is reached. */
export interface RelayClientOptions {
  /** Relays of the twin, tried in this order: `wss://relay.grid.tf`. */
  readonly urls: readonly string[];
  /** Signs tokens and envelopes. */
  readonly account: KeyPair;
  /** The account's own twin, as the chain has it. */
  readonly twin: Twin;
  /** Looks a twin up on the chain; remembered here for some minutes. */
  readonly twins: (twinId: number) => Promise<Twin | undefined>;
  /** Names our mailbox among those of the twin. @default drawn at random, so that no other client is thrown out */
  readonly session?: string;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** @default writes nothing */
  readonly log?: Log;
}

/** Life of a token. Generous, because a relay measures it with its own clock. @source rmb-rs src/peer (300 s) */
const TOKEN_LIFE_SEC = 300;

/** How long a call waits for its answer when the caller does not say. */
const DEFAULT_TIMEOUT_MS = 20_000;

/** Calls on their way at one time; more wait in line. */
const MAX_IN_FLIGHT = 64;

/** How long relays may be out of reach before calls that were never sent are given up. */
const OUTAGE_PATIENCE_MS = 10_000;

/** How long a call waits for a relay that has been out of reach for longer than the call may take. */
const MOMENT_MS = 500;

/** Largest frame that a relay takes. @source rmb-rs (tungstenite defaults) */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** A call whose answer is awaited. */
interface Outstanding extends Expectation {
  readonly bytes: Uint8Array;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Why the last answer was not trusted. */
  dropped?: string;
}

/**
 * Calls to nodes over one websocket. Unanswered calls are sent again after a reconnect, always as the same bytes, so
 * that a node or a relay can tell a repetition from a second call.
 */
export class RelayClient implements NodeClient {
  readonly #cipher: MessageCipher;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #self: { readonly twinId: number; readonly session: string };
  readonly #socket: RelaySocket;
  readonly #twins: TwinCache;
  readonly #slots = new Slots(MAX_IN_FLIGHT);
  readonly #outstanding = new Map<string, Outstanding>();
  /** Since when no relay was reached; undefined while one is. */
  #outage: { readonly sinceMs: number; readonly failures: readonly ConnectFailure[] } | undefined;
  #isClosed = false;

  constructor(private readonly options: RelayClientOptions) {
    this.#cipher = new MessageCipher(options.account.miniSecret);
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#self = { twinId: options.twin.twinId, session: options.session ?? randomBytes(8).toString("hex") };
    this.#twins = new TwinCache(options.twins, this.#clock);
    this.#socket = new RelaySocket({
      urls: options.urls,
      token: () => this.#token(),
      clock: this.#clock,
      log: this.#log,
      onOpen: () => this.#sendAll(),
      onMessage: (bytes) => this.#receive(bytes),
      onOutage: (failures) => this.#giveUpOn(failures),
      isNeeded: () => this.#outstanding.size > 0,
    });
  }

  /** False when nodes would encrypt answers with a key that is not this account's: calls then fail with TFG_TWIN_KEY. */
  get encryptionKeyMatches(): boolean {
    const { encryptionKey } = this.options.twin;
    return encryptionKey === undefined || Buffer.from(encryptionKey).equals(this.#cipher.publicKey);
  }

  /**
   * Calls a command; the time until it is given up starts when it leaves the line of waiting calls. A command without
   * payload is sent as plain and empty, as the official client does. A command without result gives null.
   *
   * @throws {GridError} TFG_NODE_REFUSED, TFG_NODE_UNREACHABLE, TFG_RELAY_UNREACHABLE, TFG_RELAY_REFUSED, TFG_TWIN_KEY,
   * TFG_TWIN_RELAY, TFG_MESSAGE_TOO_LARGE
   */
  call(twinId: number, command: string, payload?: unknown, options: NodeCallOptions = {}): Promise<unknown> {
    const call: CallFacts = { twinId, command, sends: 0 };
    // One signal commonly stops all calls of an operation; Node.js takes more than ten listeners for a leak.
    if (options.signal) setMaxListeners(0, options.signal);
    return this.#slots.run(() => this.#call(call, payload, options), options.signal);
  }

  /** Closes the connection; calls still waiting fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const entry of this.#outstanding.values()) entry.reject(relayClosed());
    await this.#socket.close();
  }

  async #call(call: CallFacts, payload: unknown, options: NodeCallOptions): Promise<unknown> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
    signal?.throwIfAborted();
    const uid = randomUUID();
    const over = new AbortController();
    const exchange = async () => {
      this.#requireAnswerable();
      const node = await this.#twins.get(call.twinId);
      if (!node) throw twinUnknown(call);
      // The look-up may outlast the call or the client: nothing may be sent then.
      if (over.signal.aborted || this.#isClosed) throw relayClosed();
      const answer = this.#exchange(uid, { call, node, bytes: this.#encode(uid, call, { node, payload, options }) });
      void this.#giveUpUnsent(uid, timeoutMs, over.signal);
      return answer;
    };
    try {
      return await withDeadline(exchange(), {
        ms: timeoutMs,
        signal,
        onTimeout: () => this.#timeout(uid, call, timeoutMs),
      });
    } finally {
      over.abort();
      this.#outstanding.delete(uid);
    }
  }

  #requireAnswerable(): void {
    const { twin } = this.options;
    if (!this.encryptionKeyMatches) throw twinKeyDiffers(twin, this.#cipher.publicKey);
    if (twin.relay === undefined) throw twinWithoutRelay(twin);
  }

  #encode(
    uid: string,
    call: CallFacts,
    { node, payload, options }: { node: Twin; payload: unknown; options: NodeCallOptions },
  ): Buffer {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, failFast: isFailFast = true } = options;
    const { twin, account } = this.options;
    const sender = { twin, self: this.#self, cipher: this.#cipher, nowMs: this.#clock.now() };
    const request = buildRequest({ uid, command: call.command, payload, node, isFailFast, timeoutMs, ...sender });
    const bytes = encodeEnvelope(signEnvelope(request, account));
    if (bytes.length > MAX_FRAME_BYTES) throw messageTooLarge(call, bytes.length, MAX_FRAME_BYTES);
    return bytes;
  }

  #exchange(uid: string, { call, node, bytes }: Pick<Outstanding, "call" | "node" | "bytes">): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const entry: Outstanding = { call, node, bytes, resolve, reject, self: this.#self, cipher: this.#cipher };
      this.#outstanding.set(uid, entry);
      this.#send(entry);
    });
  }

  #send(entry: Outstanding): void {
    if (this.#socket.send(entry.bytes)) entry.call.sends++;
    else this.#outage ??= { sinceMs: this.#clock.now(), failures: [] };
  }

  /** Calls share the wait for a relay: who comes when it has long been out of reach waits only a moment more. */
  async #giveUpUnsent(uid: string, timeoutMs: number, over: AbortSignal): Promise<void> {
    if (!this.#outage) return;
    const waitedMs = this.#clock.now() - this.#outage.sinceMs;
    try {
      await this.#clock.sleep(Math.max(MOMENT_MS, timeoutMs - waitedMs), over);
    } catch {
      return; // The call is over.
    }
    const entry = this.#outstanding.get(uid);
    if (!entry || entry.call.sends > 0) return;
    this.#outstanding.delete(uid);
    entry.reject(relayUnreachable(entry.call, this.#outage?.failures ?? []));
  }

  /** The connection is open: what was not answered goes out, for the first time or again. */
  #sendAll(): void {
    this.#outage = undefined;
    for (const entry of this.#outstanding.values()) this.#send(entry);
  }

  #receive(bytes: Uint8Array): void {
    try {
      const envelope = decodeEnvelope(bytes);
      const entry = this.#outstanding.get(envelope.uid);
      // Answers to calls that were given up, and second answers to those that were sent twice.
      if (!entry) return;
      const verdict = judgeAnswer(envelope, entry);
      if (verdict.kind === "dropped") {
        entry.dropped = verdict.reason;
        const { twinId, command } = entry.call;
        this.#log("warn", "relay: ignored an answer", { twinId, command, reason: verdict.reason });
      } else {
        this.#outstanding.delete(envelope.uid);
        if (verdict.kind === "result") entry.resolve(verdict.value);
        else entry.reject(verdict.error);
      }
    } catch (error) {
      this.#log("warn", "relay: ignored a message", { error: messageOf(error) });
    }
  }

  /** A refusal is final for every call; being out of reach only for those never sent, and only after a while. */
  #giveUpOn(failures: readonly ConnectFailure[]): void {
    const now = this.#clock.now();
    this.#outage = { sinceMs: this.#outage?.sinceMs ?? now, failures };
    const isRefused = failures.every(({ status = 0 }) => status >= 400 && status < 500);
    const isLasting = now - this.#outage.sinceMs >= OUTAGE_PATIENCE_MS;
    for (const [uid, { call, reject }] of this.#outstanding) {
      if (!isRefused && !(isLasting && call.sends === 0)) continue;
      this.#outstanding.delete(uid);
      reject(isRefused ? relayRefused(call, failures) : relayUnreachable(call, failures));
    }
  }

  #timeout(uid: string, call: CallFacts, timeoutMs: number): Error {
    if (this.#outage && call.sends === 0) return relayUnreachable(call, this.#outage.failures);
    const { dropped } = this.#outstanding.get(uid) ?? {};
    return nodeSilent(call, { timeoutMs, dropped, answersTo: this.options.twin.relay });
  }

  #token(): string {
    const issuedAtSec = Math.floor(this.#clock.now() / 1000);
    return createRelayToken(this.options.account, {
      ...this.#self,
      issuedAtSec,
      expiresSec: issuedAtSec + TOKEN_LIFE_SEC,
    });
  }
}

/** A client for the message bus; it connects with the first call. */
export function connectRelay(options: RelayClientOptions): RelayClient {
  return new RelayClient(options);
}
