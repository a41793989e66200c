/**
 * As much of a gRPC server as Terraform needs, on Node's own HTTP/2: unary methods, and streams that are only held open.
 * A full gRPC library costs a third of the start-up time, and Terraform starts this process several times per command.
 *
 * @source grpc/grpc doc/PROTOCOL-HTTP2.md
 */
import {
  createSecureServer,
  createServer,
  type Http2Server,
  constants as http2,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { messageOf } from "../../../core/errors";
import type { Log } from "../../../core/log";

/** A method: either answers one message with one message, or keeps a stream open until the client ends its side. */
export type GrpcMethod = ((request: Uint8Array) => Promise<Uint8Array>) | "held-open";

/** How the connection is secured: own certificate, and the only client certificate that is let in. All PEM. */
export interface MutualTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCert: string;
}

/** What a gRPC server serves. */
export interface GrpcServerOptions {
  /** Methods by path: `/tfplugin6.Provider/GetProviderSchema`. */
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  /** Left out: no encryption, for debugging and for TF_DISABLE_PLUGIN_TLS. */
  readonly tls?: MutualTls;
  readonly log: Log;
}

/** A server that is not listening yet, and the way to end it with every connection. */
export interface GrpcServer {
  readonly http: Http2Server;
  /** Ends at once; calls that still run lose their answers. */
  close(): Promise<void>;
}

const status = { ok: 0, unimplemented: 12, internal: 13 } as const;

/** Makes a server. */
export function createGrpcServer({ methods, tls, log }: GrpcServerOptions): GrpcServer {
  const sessions = new Set<ServerHttp2Session>();
  // The default of 10 MB would refuse large states; the client is Terraform, authenticated.
  const options = { maxSessionMemory: Number.MAX_SAFE_INTEGER };
  const http = tls
    ? createSecureServer({ ...options, cert: tls.cert, key: tls.key, ca: tls.clientCert, requestCert: true })
    : createServer(options);
  http.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.on("error", (error) => log("debug", "connection failed", { said: error.message }));
  });
  http.on("tlsClientError", (error: Error) => log("debug", "TLS refused", { said: error.message }));
  http.on("stream", (stream, headers) => {
    stream.on("error", (error) => log("debug", "call broken off", { said: error.message }));
    void serve(stream, headers, methods).catch((error) => fail(stream, status.internal, messageOf(error)));
  });
  return { http: http as Http2Server, close: () => closeAll(http as Http2Server, sessions) };
}

async function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  methods: ReadonlyMap<string, GrpcMethod>,
): Promise<void> {
  const path = headers[http2.HTTP2_HEADER_PATH];
  const method = methods.get(typeof path === "string" ? path : "");
  if (!method) return fail(stream, status.unimplemented, `${path} is not served`);
  if (method === "held-open") return hold(stream);
  const response = await method(await readMessage(stream));
  respond(stream);
  stream.end(frame(response));
}

/** Answers the headers, listens to nothing, and ends when the client does. */
function hold(stream: ServerHttp2Stream): void {
  respond(stream);
  stream.resume();
  stream.once("end", () => stream.end());
}

function respond(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": String(status.ok) }));
  stream.respond(
    { [http2.HTTP2_HEADER_STATUS]: 200, [http2.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc" },
    { waitForTrailers: true },
  );
}

function fail(stream: ServerHttp2Stream, code: number, message: string): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.resume();
  stream.respond(
    {
      [http2.HTTP2_HEADER_STATUS]: 200,
      [http2.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      "grpc-status": String(code),
      "grpc-message": percentEncoded(message),
    },
    { endStream: true },
  );
}

/** A header holds printable ASCII; the rest, and the percent sign, is escaped byte by byte. */
function percentEncoded(text: string): string {
  const escaped = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  const isPlain = (byte: number) => byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
  return Array.from(Buffer.from(text), (byte) => (isPlain(byte) ? String.fromCharCode(byte) : escaped(byte))).join("");
}

/** The one message of a unary request: a flag byte, four bytes of length, the message. */
async function readMessage(stream: ServerHttp2Stream): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5) {
    throw new Error("the request is not one uncompressed message");
  }
  return body.subarray(5);
}

function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

async function closeAll(server: Http2Server, sessions: ReadonlySet<ServerHttp2Session>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const session of sessions) session.destroy();
  await closed;
}
