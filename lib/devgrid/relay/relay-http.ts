import type { IncomingMessage, ServerResponse } from "node:http";
import { GridError, messageOf } from "../../core/errors";
import type { Address } from "../../model/envelope";
import { MAX_ENVELOPE_BYTES } from "../../model/envelope-codec";
import { readRelayToken } from "../../model/relay-token";
import type { Switchboard, TwinRegister } from "./switchboard";

/** An HTTP refusal: plain text, as relays answer. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
}

/**
 * Decides whether a websocket may be opened: the whole raw query string is the token.
 *
 * @source rmb-rs src/relay/api.rs
 */
export function admit(url: string, ledger: TwinRegister, nowSec: number): Address | Refusal {
  const [, token] = /^[^?]*\?(.*)$/.exec(url) ?? [];
  if (token === undefined) return { status: 400, text: "missing jwt" };
  try {
    const read = readRelayToken(token, nowSec);
    const { twinId, session } = read.claims;
    const twin = ledger.getTwin(twinId);
    if (!twin) return { status: 401, text: `twin not found ${twinId}` };
    read.requireSignedBy(twin.accountId);
    return { twinId, session };
  } catch (error) {
    if (error instanceof GridError) return { status: 401, text: `invalid jwt: ${error.summary}` };
    return { status: 500, text: `failed to get twin: ${messageOf(error)}` };
  }
}

/** Answers what is no websocket: federation, metrics, and 404 for the rest. */
export async function answerHttp(
  board: Switchboard,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? "/").replace(/\?.*$/, "");
  const { status, text } = await reach(board, `${request.method} ${path}`, request);
  if (!response.destroyed) response.writeHead(status, { "content-length": Buffer.byteLength(text) }).end(text);
}

async function reach(board: Switchboard, route: string, request: IncomingMessage): Promise<Refusal> {
  if (route === "POST /") return federate(board, request);
  if (route === "GET /metrics") return { status: 200, text: metrics(board) };
  return { status: 404, text: "page not found" };
}

async function federate(board: Switchboard, request: IncomingMessage): Promise<Refusal> {
  try {
    const isTaken = board.receiveFederated(await readBody(request));
    return isTaken ? { status: 202, text: "" } : { status: 404, text: "destination offline" };
  } catch (error) {
    return { status: 400, text: `bad request: ${error instanceof GridError ? error.facts.reason : messageOf(error)}` };
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_ENVELOPE_BYTES) throw new Error("body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The counters that people watch, under the names of the real relay. */
function metrics({ traffic }: Switchboard): string {
  const rows: [string, string, number][] = [
    ["relay_message_rx", "number of messages received by relay", traffic.count()],
    ["relay_message_rx_bytes", "size of messages received by relay in bytes", traffic.bytes()],
  ];
  return rows
    .map(([name, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} counter\n${name} ${value}\n`)
    .join("");
}
