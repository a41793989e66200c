import { setMaxListeners } from "node:events";
import type { Clock } from "../../core/clock";
import { type Fate, MessageFates, type WireFaults } from "./message-fates";

/** A message on its way, and what else may happen in its place. */
export interface Passage {
  /** It arrives; called twice when it comes once more. */
  readonly deliver: () => void;
  /** The connection breaks. */
  readonly cut: () => void;
  /** It is answered by somebody who is in the way. @default it arrives */
  readonly refuse?: () => void;
  /** False where later messages cannot overtake it, nor it come twice. @default true */
  readonly isLoose?: boolean;
}

/** The wire in front of a service: messages pass it untouched until faults are set. */
export class Wire {
  readonly clock: Clock;
  #gone = endOfMany();
  #fates: MessageFates | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Lets things go wrong from now on; undefined ends it. What is on its way arrives as it would have. */
  setFaults(faults: WireFaults | undefined): void {
    this.#fates = faults && new MessageFates(faults);
  }

  /** One direction of a connection. */
  lane(): Lane {
    return new Lane(this);
  }

  /** Loses what is on its way. */
  clear(): void {
    this.#gone.abort(new Error("lost on the wire"));
    this.#gone = endOfMany();
  }

  /** @internal */
  fate(): Fate | undefined {
    return this.#fates?.next();
  }

  /** @internal */
  in(ms: number, happen: () => void): void {
    this.clock.sleep(ms, this.#gone.signal).then(happen, () => {
      // It was cleared meanwhile.
    });
  }
}

/** Any number of messages may be on their way. */
function endOfMany(): AbortController {
  const gone = new AbortController();
  setMaxListeners(0, gone.signal);
  return gone;
}

/** One direction of a connection: what passes keeps its order, unless it is held back on purpose. */
export class Lane {
  readonly #wire: Wire;
  /** When the last message arrives. */
  #lastAt = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Whether a message in the other direction, whose order is nobody's business here, gets through. */
  hears(cut: () => void): boolean {
    const kind = this.#wire.fate()?.kind ?? "arrives";
    if (kind === "cut") cut();
    return kind === "arrives" || kind === "refused";
  }

  /** Sends a message to meet its fate. */
  carry({ deliver, cut, refuse = deliver, isLoose = true }: Passage): void {
    const fate = this.#wire.fate();
    const kind = fate?.kind ?? "arrives";
    if (kind === "lost") return;
    const happen = { arrives: deliver, cut, refused: refuse }[kind];
    const heldMs = isLoose ? (fate?.heldMs ?? 0) : 0;
    this.#at(this.#arrival(fate?.delayMs ?? 0, heldMs), happen);
    if (kind !== "arrives" || fate?.againMs === undefined || !isLoose) return;
    this.#at(this.#wire.clock.now() + fate.delayMs + heldMs + fate.againMs, deliver);
  }

  /** What is held back makes nobody wait. */
  #arrival(delayMs: number, heldMs: number): number {
    const at = Math.max(this.#lastAt, this.#wire.clock.now() + delayMs);
    if (heldMs > 0) return at + heldMs;
    this.#lastAt = at;
    return at;
  }

  #at(at: number, happen: () => void): void {
    const ms = at - this.#wire.clock.now();
    if (ms <= 0) happen();
    else this.#wire.in(ms, happen);
  }
}
