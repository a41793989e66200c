import type { Envelope } from "../../model/envelope";

/** What a test or a curious user makes go wrong inside the relay. Nothing, unless asked. */
export class RelayFaults {
  #drops = 0;
  #isMeant: (envelope: Envelope) => boolean = () => true;

  /** Loses the next `count` envelopes that match, without a word to anyone. */
  dropNext(count = 1, matches: (envelope: Envelope) => boolean = () => true): void {
    this.#drops = count;
    this.#isMeant = matches;
  }

  /** True when this envelope is one of those to lose; it then counts as lost. */
  swallows(envelope: Envelope): boolean {
    if (this.#drops === 0 || !this.#isMeant(envelope)) return false;
    this.#drops--;
    return true;
  }
}
