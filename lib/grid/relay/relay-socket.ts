import type { WebSocket } from "ws";
import type { Clock } from "../../core/clock";
import { messageOf } from "../../core/errors";
import type { Log } from "../../core/log";
import { openWebSocket } from "./open-websocket";
import type { ConnectFailure } from "./relay-errors";

/** When an idle connection is probed. @source rmb-rs src/peer (20 s), tfgrid-sdk-go */
const PING_AFTER_MS = 20_000;

/** When a silent connection is given up. @source rmb-rs src/peer (40 s), tfgrid-sdk-go */
const SILENT_AFTER_MS = 40_000;

/** How long a relay may take to say goodbye. */
const CLOSE_TIMEOUT_MS = 500;

/** Pause between rounds over the relays: first and longest. */
const RETRY_MS = { first: 100, max: 2_000 } as const;

/** What a socket needs, and whom it tells. */
export interface RelaySocketOptions {
  /** Relays to try in this order. */
  readonly urls: readonly string[];
  /** A fresh token for one connection. */
  readonly token: () => string;
  readonly clock: Clock;
  readonly log: Log;
  /** The connection is open; also after each reconnect. */
  readonly onOpen: () => void;
  /** A binary frame came. */
  readonly onMessage: (bytes: Buffer) => void;
  /** A whole round over the relays failed. */
  readonly onOutage: (failures: readonly ConnectFailure[]) => void;
  /** Whether anything waits for the connection; without it a lost one is not replaced. */
  readonly isNeeded: () => boolean;
}

/** One websocket to one of several relays, opened when asked for and replaced while it is needed. */
export class RelaySocket {
  #socket: WebSocket | undefined;
  #isConnecting = false;
  /** A relay that takes connections and drops them at once must not be hammered: only a message resets this. */
  #pauseMs = 0;
  #lastSeenMs = 0;
  readonly #closing = new AbortController();

  constructor(private readonly options: RelaySocketOptions) {}

  /** Hands a message to the open connection; without one it opens it, and the message waits for `onOpen`. */
  send(bytes: Uint8Array): boolean {
    if (!this.#socket) {
      this.#connect();
      return false;
    }
    this.#socket.send(bytes);
    return true;
  }

  /** Closes the connection for good. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("closed"));
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.close();
    const impatience = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
    await closed;
    clearTimeout(impatience);
  }

  #connect(): void {
    if (this.#isConnecting || this.#closing.signal.aborted) return;
    this.#isConnecting = true;
    void this.#connectUntilOpen()
      .catch((error) => {
        // Sleeping ends this way when the client is closed; anything else is worth a line.
        if (!this.#closing.signal.aborted) this.options.log("error", "relay: gave up", { error: messageOf(error) });
      })
      .finally(() => {
        this.#isConnecting = false;
      });
  }

  async #connectUntilOpen(): Promise<void> {
    const { clock, isNeeded, onOutage } = this.options;
    while (isNeeded() && !this.#closing.signal.aborted) {
      if (this.#pauseMs > 0) await clock.sleep(this.#pauseMs, this.#closing.signal);
      this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, RETRY_MS.first), RETRY_MS.max);
      const failures = await this.#tryEach();
      if (!failures) return;
      onOutage(failures);
    }
  }

  /** Undefined once a relay took the connection, else why each did not. */
  async #tryEach(): Promise<ConnectFailure[] | undefined> {
    const failures: ConnectFailure[] = [];
    for (const url of this.options.urls) {
      const result = await openWebSocket(url, this.options.token(), this.#closing.signal);
      if ("socket" in result) {
        this.#adopt(result.socket, url);
        return undefined;
      }
      this.options.log("warn", "relay: connection failed", { ...result.failure });
      failures.push(result.failure);
    }
    return failures;
  }

  #adopt(socket: WebSocket, url: string): void {
    const { clock, log, onMessage, onOpen } = this.options;
    if (this.#closing.signal.aborted) {
      socket.terminate();
      return;
    }
    log("debug", "relay: connected", { url });
    const seen = () => {
      this.#lastSeenMs = clock.now();
    };
    seen();
    socket.on("ping", seen);
    socket.on("pong", seen);
    socket.on("message", (data, isBinary) => {
      seen();
      this.#pauseMs = 0;
      if (isBinary && Buffer.isBuffer(data)) onMessage(data);
    });
    const closed = new AbortController();
    socket.on("close", () => {
      closed.abort(new Error("closed"));
      if (this.#socket === socket) this.#lost(url);
    });
    this.#socket = socket;
    socket.resume();
    void this.#keepAlive(socket, AbortSignal.any([closed.signal, this.#closing.signal]));
    onOpen();
  }

  #lost(url: string): void {
    this.#socket = undefined;
    this.options.log("info", "relay: connection lost", { url });
    if (this.options.isNeeded()) this.#connect();
  }

  /** Probes an idle connection and cuts a dead one; ends with the connection. */
  async #keepAlive(socket: WebSocket, closed: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    try {
      for (;;) {
        const silentMs = clock.now() - this.#lastSeenMs;
        if (silentMs >= SILENT_AFTER_MS) break;
        if (silentMs >= PING_AFTER_MS) socket.ping();
        await clock.sleep(silentMs >= PING_AFTER_MS ? PING_AFTER_MS : PING_AFTER_MS - silentMs, closed);
      }
      log("info", "relay: silent, reconnecting", { seconds: SILENT_AFTER_MS / 1000 });
      socket.terminate();
    } catch (error) {
      if (!closed.aborted) log("error", "relay: keepalive failed", { error: messageOf(error) });
    }
  }
}
