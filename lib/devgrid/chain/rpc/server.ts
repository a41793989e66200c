import type { AddressInfo } from "node:net";
import type { WebSocket } from "ws";
import { WebSocketServer } from "ws";
import { messageOf } from "../../../core/errors";
import type { Log } from "../../../core/log";
import type { Wire } from "../../wire/wire";
import { RpcRefusal } from "../block/refusal";
import { Connection } from "./connection";
import type { RpcContext, RpcMethods } from "./handler";
import { rpcMethods } from "./methods";

/** Largest message taken, bytes. @source substrate node default */
const MAX_MESSAGE = 15 * 1024 * 1024;

/** Most requests one message may hold. */
const MAX_BATCH = 100;

/** Milliseconds a client has to close its side when the server stops. */
const FAREWELL_MS = 200;

/** Serves JSON-RPC over a websocket on the loopback interface. It knows nothing of what the methods mean. */
export class RpcServer {
  readonly #context: Omit<RpcContext, "connection">;
  readonly #log: Log;
  readonly #wire: Wire;
  #server: WebSocketServer | undefined;
  #requests = 0;
  #isDown = false;

  /** @param wire what answers and notifications pass on their way */
  constructor(context: Omit<RpcContext, "connection">, wire: Wire, log: Log) {
    this.#context = context;
    this.#wire = wire;
    this.#log = log;
  }

  /** Starts listening; gives the url. @param port 0 takes any free one */
  async listen(port: number): Promise<string> {
    const server = new WebSocketServer({ host: "127.0.0.1", port, maxPayload: MAX_MESSAGE });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
    });
    server.on("connection", (socket) => this.#accept(socket));
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Messages received so far. */
  get requestCount(): number {
    return this.#requests;
  }

  /** While down, clients are dropped as soon as they connect. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown;
    if (isDown) for (const client of this.#server?.clients ?? []) client.terminate();
  }

  /** Drops every client and stops listening. */
  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    for (const client of server.clients) client.close(1001);
    const impatient = setTimeout(() => {
      for (const client of server.clients) client.terminate();
    }, FAREWELL_MS);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    clearTimeout(impatient);
  }

  #accept(socket: WebSocket): void {
    if (this.#isDown) {
      socket.terminate();
      return;
    }
    const lane = this.#wire.lane();
    const connection = new Connection((message) => {
      lane.carry({
        deliver: () => socket.send(JSON.stringify(message)),
        cut: () => socket.terminate(),
        isLoose: false,
      });
    });
    const context: RpcContext = { ...this.#context, connection };
    socket.on("message", (data) => {
      if (!lane.hears(() => socket.terminate())) return;
      this.#requests++;
      connection.answer(() => respond(context, String(data), this.#log));
    });
    socket.on("close", () => connection.closeAll());
    socket.on("error", (error) => this.#log("debug", "devgrid chain lost a client", { reason: messageOf(error) }));
  }
}

function respond(context: RpcContext, text: string, log: Log): object | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    // The client hears why below; there is no id to answer to.
    return failure(null, new RpcRefusal(-32700, "Parse error"));
  }
  if (!Array.isArray(message)) return respondToOne(context, message, log);
  if (message.length === 0 || message.length > MAX_BATCH)
    return failure(null, new RpcRefusal(-32600, "Invalid request"));
  const responses = message.map((one) => respondToOne(context, one, log)).filter((one) => one !== undefined);
  return responses.length > 0 ? responses : undefined;
}

function respondToOne(context: RpcContext, message: unknown, log: Log): object | undefined {
  const request = (typeof message === "object" && message !== null ? message : {}) as Record<string, unknown>;
  const { id, method, params = [] } = request;
  const isId = typeof id === "string" || typeof id === "number" || id === null;
  const answerTo = isId ? id : null;
  if (typeof method !== "string" || !Array.isArray(params))
    return failure(answerTo, new RpcRefusal(-32600, "Invalid request"));
  try {
    const result = handlerOf(rpcMethods, method)(context, params);
    return isId ? { jsonrpc: "2.0", result: result ?? null, id } : undefined;
  } catch (error) {
    if (error instanceof RpcRefusal) return failure(answerTo, error);
    log("error", "devgrid chain could not answer", { method, reason: messageOf(error) });
    return failure(answerTo, new RpcRefusal(-32603, "Internal error", messageOf(error)));
  }
}

function handlerOf(methods: RpcMethods, method: string) {
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!handler) throw new RpcRefusal(-32601, "Method not found");
  return handler;
}

function failure(id: unknown, { code, message, data }: RpcRefusal): object {
  return { jsonrpc: "2.0", error: data === undefined ? { code, message } : { code, message, data }, id };
}
