/** What goes wrong on a wire, and how often. Chances go from 0 to 1; what is left out does not happen. */
export interface WireFaults {
  /** The same seed gives the same fates, message by message. @default 1 */
  readonly seed?: number;
  /** Chance that a message never arrives. */
  readonly loss?: number;
  /** Milliseconds that each message is on its way. */
  readonly delayMs?: number;
  /** At most so many milliseconds more. Order is kept. */
  readonly jitterMs?: number;
  /** Chance that a message comes once more, within a second. */
  readonly duplicate?: number;
  /** Chance that a message is held back for up to a second, while later ones overtake it. */
  readonly reorder?: number;
  /** Chance that the connection breaks in place of a message. */
  readonly disconnect?: number;
  /** Chance that an overloaded front end answers in place of the service. */
  readonly refuse?: number;
}

/** What becomes of one message. */
export interface Fate {
  /** Whether it arrives, or what happens instead. */
  readonly kind: "arrives" | "lost" | "cut" | "refused";
  /** Milliseconds on its way. */
  readonly delayMs: number;
  /** Milliseconds it is held back beyond that; later ones overtake it. */
  readonly heldMs: number;
  /** Milliseconds after which it comes once more; undefined when it does not. */
  readonly againMs: number | undefined;
}

/** Longest that a message is held back, and longest until it comes once more. */
const LATER_MS = 1000;

/** Decides from a seed what becomes of each message, one after the other. */
export class MessageFates {
  readonly #faults: WireFaults;
  #state: number;

  constructor(faults: WireFaults) {
    this.#faults = faults;
    this.#state = (faults.seed ?? 1) >>> 0;
  }

  /** The fate of the next message. Always so many draws, so that one chance more or less leaves the others alone. */
  next(): Fate {
    const { delayMs = 0, jitterMs = 0, duplicate = 0, reorder = 0 } = this.#faults;
    const [strike, jitter, isHeld, held, isDoubled, again] = Array.from({ length: 6 }, () => this.#draw()) as Draws;
    return {
      kind: this.#kindOf(strike),
      delayMs: delayMs + Math.round(jitter * jitterMs),
      heldMs: isHeld < reorder ? later(held) : 0,
      againMs: isDoubled < duplicate ? later(again) : undefined,
    };
  }

  #kindOf(strike: number): Fate["kind"] {
    const { loss = 0, disconnect = 0, refuse = 0 } = this.#faults;
    if (strike < loss) return "lost";
    if (strike < loss + disconnect) return "cut";
    return strike < loss + disconnect + refuse ? "refused" : "arrives";
  }

  /** From 0 to below 1. @source mulberry32, public domain */
  #draw(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

type Draws = [number, number, number, number, number, number];

function later(draw: number): number {
  return 1 + Math.floor(draw * LATER_MS);
}
