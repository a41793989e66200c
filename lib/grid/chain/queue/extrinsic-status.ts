import type { Clock } from "../../../core/clock";
import { messageOf, quote } from "../../../core/errors";
import type { ChainSession } from "../chain-session";

/** What a node says about an extrinsic it was given. */
export type ExtrinsicStatus =
  | { readonly kind: "pooled" }
  | { readonly kind: "inBlock" | "retracted" | "finalized"; readonly blockHash: string }
  /** The node will say no more, and whether a block took it must be asked. */
  | { readonly kind: "lost"; readonly reason: string };

/** Reads a status. Anything unknown counts as lost: the chain is asked then. */
export function parseStatus(json: unknown): ExtrinsicStatus {
  const [entry] = typeof json === "object" && json !== null ? Object.entries(json) : [];
  const [kind, content] = typeof json === "string" ? [json] : (entry ?? []);
  if (kind === "ready" || kind === "future" || kind === "broadcast") return { kind: "pooled" };
  if ((kind === "inBlock" || kind === "retracted" || kind === "finalized") && typeof content === "string") {
    return { kind, blockHash: content };
  }
  return { kind: "lost", reason: kind ?? quote(json) };
}

/** The statuses of one extrinsic, one after the other. */
export class StatusStream {
  readonly #waiting: ExtrinsicStatus[] = [];
  #wake: (() => void) | undefined;
  #unwatch: () => Promise<void> = async () => undefined;

  private constructor() {}

  /** Sends an extrinsic and listens. @throws the node's refusal, or the loss of the connection */
  static async open(session: ChainSession, hex: string): Promise<StatusStream> {
    const stream = new StatusStream();
    const id = await session.watchExtrinsic(hex, (error, json) => {
      stream.#waiting.push(error ? { kind: "lost", reason: messageOf(error) } : parseStatus(json));
      stream.#wake?.();
    });
    stream.#unwatch = () => session.unwatchExtrinsic(id);
    return stream;
  }

  /** The next status; undefined when none came within `quietMs`. @throws the signal's reason */
  async next(clock: Clock, quietMs: number, signal: AbortSignal): Promise<ExtrinsicStatus | undefined> {
    if (this.#waiting.length === 0) {
      const arrival = new AbortController();
      this.#wake = () => arrival.abort();
      try {
        await clock.sleep(quietMs, AbortSignal.any([signal, arrival.signal]));
      } catch (error) {
        if (!arrival.signal.aborted) throw error;
      }
    }
    return this.#waiting.shift();
  }

  /** Stops listening. */
  async close(): Promise<void> {
    await this.#unwatch();
  }
}
