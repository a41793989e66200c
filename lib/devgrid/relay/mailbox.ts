/** Someone who takes delivery at a mailbox: a websocket, or a node in this process. */
export interface Connection {
  /** Hands over one envelope; false when the connection is already on its way out. */
  deliver(bytes: Uint8Array): boolean;
  /** Called when another connection took the mailbox over. */
  close(): void;
  /** Breaks off, without a word to the other side. */
  cut(): void;
}

/** Messages kept for someone who is not there; the oldest go first. @source rmb-rs src/relay/switch */
const MAX_QUEUED = 10_000;

/** Total size kept, so that a queue does not fill the memory of this process. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** A queue is forgotten this long after its last message. @source rmb-rs src/relay/switch */
const QUEUE_LIFE_MS = 3_600_000;

/** Where messages for one (twin, session) arrive: straight at its connection, else in a queue until it connects. */
export class Mailbox {
  #connection: Connection | undefined;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #lastPushMs = 0;

  /** True while someone takes delivery. */
  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** True when it can be thrown away. */
  get isIdle(): boolean {
    return !this.#connection && this.#queue.length === 0;
  }

  /** The new connection gets what was queued; a former one is closed. */
  connect(connection: Connection, nowMs: number): void {
    const former = this.#connection;
    this.#connection = connection;
    former?.close();
    this.expire(nowMs);
    const waiting = this.#queue;
    this.#clear();
    for (const bytes of waiting) this.push(bytes, nowMs);
  }

  /** Forgets the connection, unless another one took over. */
  disconnect(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined;
  }

  /** True when this connection is the one that takes delivery now. */
  isHeldBy(connection: Connection): boolean {
    return this.#connection === connection;
  }

  /** Delivers or queues. */
  push(bytes: Uint8Array, nowMs: number): void {
    if (this.#connection?.deliver(bytes)) return;
    this.#connection = undefined;
    this.expire(nowMs);
    this.#lastPushMs = nowMs;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    while (this.#queue.length > MAX_QUEUED || this.#queuedBytes > MAX_QUEUED_BYTES) {
      this.#queuedBytes -= this.#queue.shift()?.length ?? 0;
    }
  }

  /** Breaks the connection; what comes from now on is queued. */
  cut(): void {
    const cut = this.#connection;
    this.#connection = undefined;
    cut?.cut();
  }

  /** Forgets a queue that nobody added to for an hour. */
  expire(nowMs: number): void {
    if (nowMs - this.#lastPushMs > QUEUE_LIFE_MS) this.#clear();
  }

  #clear(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }
}
