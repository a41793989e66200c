import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import { MAX_ENVELOPE_BYTES } from "../../model/envelope-codec";
import type { ConnectFailure } from "./relay-errors";

/** Longest wait for a relay to take a connection. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Either an open websocket, paused until its listeners are in place, or why there is none. */
export type OpenResult = { readonly socket: WebSocket } | { readonly failure: ConnectFailure };

/** Opens a websocket to a relay. The token becomes the whole query string and is never shown in a failure. */
export async function openWebSocket(url: string, token: string, signal: AbortSignal): Promise<OpenResult> {
  // Loaded on first use: configuring a provider must not pay for a connection that is never made.
  const { WebSocket } = await import("ws");
  const fail = (reason: string, status?: number): OpenResult => ({ failure: { url, status, reason } });
  return new Promise((resolve) => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(`${url}?${token}`, {
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        maxPayload: MAX_ENVELOPE_BYTES,
        perMessageDeflate: false,
      });
    } catch {
      // Its message repeats the address, token included.
      resolve(fail("not a websocket URL"));
      return;
    }
    const giveUp = () => socket.terminate();
    signal.addEventListener("abort", giveUp, { once: true });
    socket.on("open", () => {
      signal.removeEventListener("abort", giveUp);
      // What waited at the relay may come with the very first bytes, before the caller has put up its listeners.
      socket.pause();
      resolve({ socket });
    });
    // Stays for the life of the socket: a websocket without this listener would end the process on a network error.
    socket.on("error", (error) => resolve(fail(error.message.replaceAll(token, "***"))));
    socket.on("close", () => resolve(fail("closed before it was open")));
    socket.on("unexpected-response", (request, response) => {
      void readText(response).then((text) => {
        resolve(fail(text || (response.statusMessage ?? ""), response.statusCode));
        request.destroy();
      });
    });
  });
}

/** The start of a refusal; a body that breaks off is shown as far as it came. */
async function readText(response: IncomingMessage): Promise<string> {
  let text = "";
  try {
    response.setEncoding("utf8");
    for await (const chunk of response) {
      text += chunk;
      if (text.length > 500) break;
    }
  } catch {
    // The status says enough.
  }
  return text.trim();
}
