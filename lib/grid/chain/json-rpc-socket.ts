import WebSocket from "ws";
import { messageOf, quote } from "../../core/errors";

/** Called with each notification of a subscription, or with the error that ended it. */
export type NotificationListener = (error: Error | null, result?: unknown) => void;

/** An answer of the other side that carries an error object. */
export class RpcError extends Error {
  /** JSON-RPC or Substrate error number: 1010 is a refused transaction. */
  readonly code: number;
  /** What the node adds, usually the readable reason. */
  readonly data: string;

  constructor(code: number, message: string, data: string) {
    super(`${code}: ${message}${data ? `: ${data}` : ""}`);
    this.name = "RpcError";
    this.code = code;
    this.data = data;
  }
}

/** The connection is gone: nothing is known about the fate of the request. */
export class SocketLost extends Error {}

/** Largest message taken from an endpoint: metadata is 400 kB of hex, a full block some 10 MB. */
const MAX_MESSAGE_BYTES = 64 * 1024 ** 2;

/** Notifications kept for subscriptions whose id has not arrived yet. */
const MAX_EARLY_NOTIFICATIONS = 64;

interface Request {
  readonly settle: (error: Error | null, result?: unknown) => void;
  readonly timer: NodeJS.Timeout;
  readonly subscription?: { readonly type: string; readonly listener: NotificationListener };
}

/**
 * One JSON-RPC connection that ends instead of hanging: a request without an answer in time closes the socket, and a
 * closed socket fails everything that waits on it. It never reconnects: what was in flight has to be asked again by
 * someone who knows what it meant.
 */
export class JsonRpcSocket {
  readonly #socket: WebSocket;
  readonly #requestMs: number;
  readonly #requests = new Map<number, Request>();
  readonly #subscriptions = new Map<string, NotificationListener>();
  readonly #early: { readonly key: string; readonly result: unknown }[] = [];
  #nextId = 1;
  #lostBecause: string | undefined;

  private constructor(socket: WebSocket, requestMs: number) {
    this.#socket = socket;
    this.#requestMs = requestMs;
    socket.on("message", (data) => this.#receiveSafely(data.toString()));
    socket.on("error", (error) => this.#lose(messageOf(error)));
    socket.on("close", (code) => this.#lose(`the connection was closed (${code})`));
  }

  /**
   * Opens a connection.
   *
   * @param ms limits of the handshake and of each request, in milliseconds
   * @throws the socket's own error when the handshake fails or takes too long
   */
  static async open(url: string, ms: { readonly connect: number; readonly request: number }): Promise<JsonRpcSocket> {
    const socket = new WebSocket(url, { maxPayload: MAX_MESSAGE_BYTES, handshakeTimeout: ms.connect });
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return new JsonRpcSocket(socket, ms.request);
  }

  /** False from the moment the connection is lost or given up. */
  get isConnected(): boolean {
    return this.#lostBecause === undefined;
  }

  /** Asks one method. Rejects with RpcError when the node refuses, with SocketLost when no answer can come any more. */
  send<T = unknown>(method: string, params: readonly unknown[]): Promise<T> {
    return this.#request<T>(method, params);
  }

  /** Starts a subscription; `type` is the name its notifications carry. Gives its id. */
  subscribe(
    type: string,
    method: string,
    params: readonly unknown[],
    listener: NotificationListener,
  ): Promise<string | number> {
    return this.#request(method, params, { type, listener });
  }

  /** Ends a subscription. The answer does not matter: a node that lost the connection has ended it too. */
  async unsubscribe(type: string, method: string, id: string | number): Promise<boolean> {
    this.#subscriptions.delete(`${type}::${id}`);
    if (!this.isConnected) return true;
    return this.#request<boolean>(method, [id]).catch(() => false);
  }

  /** Closes the connection and fails what waits on it, for that reason. */
  close(reason = "the connection was closed by this program"): void {
    this.#lose(reason);
  }

  #request<T>(method: string, params: readonly unknown[], subscription?: Request["subscription"]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#lostBecause !== undefined) return reject(new SocketLost(this.#lostBecause));
      const id = this.#nextId++;
      const timer = setTimeout(() => this.#lose(`no answer to ${method} in ${this.#requestMs} ms`), this.#requestMs);
      const settle = (error: Error | null, result?: unknown) => (error ? reject(error) : resolve(result as T));
      this.#requests.set(id, { settle, timer, subscription });
      this.#socket.send(JSON.stringify({ id, jsonrpc: "2.0", method, params }));
    });
  }

  /** An endpoint that says what cannot be understood is given up: nothing it says may end this process. */
  #receiveSafely(text: string): void {
    try {
      this.#receive(text);
    } catch (error) {
      this.#lose(`unreadable message ${quote(text)} (${messageOf(error)})`);
    }
  }

  #receive(text: string): void {
    const message: unknown = JSON.parse(text);
    if (!isRecord(message)) throw new Error("it is no JSON-RPC object");
    if (typeof message.id === "number") this.#answer(message.id, message);
    else if (typeof message.method === "string" && isRecord(message.params)) {
      this.#notify(`${message.method}::${message.params.subscription}`, message.params.result);
    }
  }

  #notify(key: string, result: unknown): void {
    const listener = this.#subscriptions.get(key);
    listener?.(null, result);
    if (listener) return;
    this.#early.push({ key, result });
    if (this.#early.length > MAX_EARLY_NOTIFICATIONS) this.#early.shift();
  }

  #answer(id: number, message: Record<string, unknown>): void {
    const request = this.#requests.get(id);
    if (!request) return;
    this.#requests.delete(id);
    clearTimeout(request.timer);
    const isRefused = message.error !== undefined && message.error !== null;
    request.settle(isRefused ? readError(message.error) : null, message.result);
    if (request.subscription && !isRefused)
      this.#begin(`${request.subscription.type}::${message.result}`, request.subscription);
  }

  #begin(key: string, subscription: NonNullable<Request["subscription"]>): void {
    this.#subscriptions.set(key, subscription.listener);
    for (let index = 0; index < this.#early.length; ) {
      const early = this.#early[index];
      if (early?.key !== key) index++;
      else {
        this.#early.splice(index, 1);
        subscription.listener(null, early.result);
      }
    }
  }

  #lose(reason: string): void {
    if (this.#lostBecause !== undefined) return;
    this.#lostBecause = reason;
    this.#socket.terminate();
    const error = new SocketLost(reason);
    for (const request of this.#requests.values()) {
      clearTimeout(request.timer);
      request.settle(error);
    }
    this.#requests.clear();
    for (const listener of this.#subscriptions.values()) listener(error);
    this.#subscriptions.clear();
  }
}

function readError(error: unknown): RpcError {
  if (!isRecord(error)) return new RpcError(0, quote(error), "");
  const data = error.data === undefined ? "" : typeof error.data === "string" ? error.data : quote(error.data);
  return new RpcError(Number(error.code) || 0, String(error.message), data);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
