import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf } from "../core/errors";
import type { Log } from "../core/log";
import type { Wire } from "./wire/wire";

/** A request as the devgrid services see it. */
export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** Path and query; the host part is of no meaning. */
  readonly url: URL;
  /** Whole body, at most 1 MiB. */
  readonly body: string;
}

/** What is sent back. */
export interface HttpAnswer {
  /** HTTP status code. */
  readonly status: number;
  /** Names in lower case. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as UTF-8. */
  readonly body: string;
}

/** How a service is started. */
export interface HttpServiceOptions {
  /** Names the service in log lines. */
  readonly name: string;
  /** Loopback port. @default 0: the system picks a free one */
  readonly port?: number;
  /** Answers one request; what it throws becomes a 500 with the message. */
  readonly handle: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
  /** Where failures are reported. */
  readonly log: Log;
  /** What answers pass on their way. @default nothing that can go wrong */
  readonly wire?: Wire;
}

/** One HTTP service on loopback. */
export interface HttpService {
  /** `http://127.0.0.1:<port>`, no trailing slash. */
  readonly url: string;
  /** How many requests came in since the start, counted here on the serving side. */
  requestCount(): number;
  /** True while the service is cut off on purpose. */
  isDown(): boolean;
  /** While down every connection is cut without an answer, as by a dead host. */
  setDown(isDown: boolean): void;
  /** Stops listening and cuts open connections. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Starts a service on the loopback interface. */
export async function startHttpService(options: HttpServiceOptions): Promise<HttpService> {
  let requests = 0;
  let isDown = false;
  const server = createServer((incoming, response) => {
    requests++;
    if (isDown) incoming.socket.destroy();
    else void answer(options, incoming, response);
  });
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requestCount: () => requests,
    isDown: () => isDown,
    setDown: (value) => {
      isDown = value;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An answer with a JSON body, ended by a newline as the grid's services do. */
export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: `${JSON.stringify(value)}\n` };
}

async function answer(options: HttpServiceOptions, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = await reach(options, incoming);
  const send = () => write(response, reply);
  if (!options.wire) return send();
  options.wire.lane().carry({
    deliver: send,
    cut: () => cutShort(response, reply),
    refuse: () => write(response, OVERLOADED),
    isLoose: false,
  });
}

/** What a proxy in front of an overloaded service answers. */
const OVERLOADED: HttpAnswer = {
  status: 503,
  headers: { "content-type": "text/html" },
  body: "<html><body><h1>503 Service Unavailable</h1></body></html>\n",
};

function write(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  if (!response.destroyed) response.writeHead(status, { ...headers }).end(body);
}

/** Begins an answer and breaks off in the middle of it. */
function cutShort(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, "content-length": bytes.length });
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}

async function reach(options: HttpServiceOptions, incoming: IncomingMessage): Promise<HttpAnswer> {
  try {
    const body = await readBody(incoming);
    if (body === undefined) return jsonAnswer(413, { error: "request body is larger than 1 MiB" });
    const url = new URL(incoming.url ?? "/", "http://devgrid");
    return await options.handle({ method: incoming.method ?? "GET", url, body });
  } catch (error) {
    options.log("warn", `${options.name}: request failed`, { url: incoming.url, error: messageOf(error) });
    return jsonAnswer(500, { error: messageOf(error) });
  }
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
