import { WebSocket } from "ws";

/** How long a service may take to say anything at all. */
const REACH_MS = 15_000;

/** What is asked of a chain before anything is built on it. */
const QUESTION = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "system_chain", params: [] });

/** @throws {Error} when nothing that speaks JSON-RPC answers there in time */
export async function requireChain(url: string, withinMs = REACH_MS): Promise<void> {
  const socket = new WebSocket(url);
  const deadline = setTimeout(() => socket.emit("error", new Error(`no answer in ${withinMs / 1000} s`)), withinMs);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.once("close", () => reject(new Error("it closed the connection")));
      socket.once("open", () => socket.send(QUESTION));
      socket.once("message", () => resolve());
    });
  } catch (error) {
    throw unreachable("chain", url, error);
  } finally {
    clearTimeout(deadline);
    socket.terminate();
  }
}

/** @throws {Error} when no HTTP server answers there in time; what it answers is for the suite to judge */
export async function requireHttp(service: "relay" | "directory", url: string, withinMs = REACH_MS): Promise<void> {
  try {
    const response = await fetch(url.replace(/^ws/, "http"), { signal: AbortSignal.timeout(withinMs) });
    await response.body?.cancel();
  } catch (error) {
    throw unreachable(service, url, error instanceof Error ? (error.cause ?? error) : error);
  }
}

/** The host alone: addresses may hold credentials. Refused connections have their reason in a code only. */
function unreachable(service: string, url: string, cause: unknown): Error {
  const { message = "", code = "" } = cause as { message?: string; code?: string };
  return new Error(`no ${service} answers at ${new URL(url).host}: ${message || code || "unknown reason"}`);
}
