import type { Envelope, EnvelopeMessage } from "../../model/envelope";

/** Which messages are meant; what is left out matches everything. */
export interface TrafficFilter {
  readonly kind?: EnvelopeMessage["kind"];
  /** Of requests only: answers do not repeat it. */
  readonly command?: string;
  /** Twin that sent it. */
  readonly source?: number;
  /** Twin that it is for. */
  readonly destination?: number;
}

/** What passed through the relay, counted where it is served: every envelope that a client or peer handed in. */
export class Traffic {
  readonly #counts = new Map<string, { readonly of: Required<TrafficFilter>; messages: number; bytes: number }>();

  /** Counts one envelope of that size. */
  record(envelope: Envelope, bytes: number): void {
    const { message } = envelope;
    const of = {
      kind: message?.kind ?? "response",
      command: message?.kind === "request" ? message.command : "",
      source: envelope.source?.twinId ?? 0,
      destination: envelope.destination?.twinId ?? 0,
    };
    const key = JSON.stringify(of);
    const entry = this.#counts.get(key) ?? { of, messages: 0, bytes: 0 };
    entry.messages++;
    entry.bytes += bytes;
    this.#counts.set(key, entry);
  }

  /** How many matching envelopes came in since the start. */
  count(filter: TrafficFilter = {}): number {
    return this.#sum("messages", filter);
  }

  /** Their size in bytes. */
  bytes(filter: TrafficFilter = {}): number {
    return this.#sum("bytes", filter);
  }

  /** How many requests came in for each command. */
  requestsByCommand(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { of, messages } of this.#counts.values()) {
      if (of.kind === "request") counts[of.command] = (counts[of.command] ?? 0) + messages;
    }
    return counts;
  }

  #sum(what: "messages" | "bytes", filter: TrafficFilter): number {
    const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
    return [...this.#counts.values()]
      .filter(({ of }) => wanted.every(([name, value]) => of[name as keyof TrafficFilter] === value))
      .reduce((sum, entry) => sum + entry[what], 0);
  }
}
