import type { Clock } from "../../core/clock";
import type { Twin } from "../../model/twin";

/** How long a twin's record is believed. @source rmb-rs peer (5 minutes, 500 entries) */
const FRESH_MS = 300_000;

const MAX_ENTRIES = 500;

/** Remembers twins for some minutes, and asks once however many ask at the same time. */
export class TwinCache {
  readonly #entries = new Map<number, { readonly sinceMs: number; readonly twin: Promise<Twin | undefined> }>();

  constructor(
    private readonly lookup: (twinId: number) => Promise<Twin | undefined>,
    private readonly clock: Clock,
  ) {}

  /** The twin; what the look-up throws is thrown and not remembered, and neither is an absent twin. */
  get(twinId: number): Promise<Twin | undefined> {
    const known = this.#entries.get(twinId);
    if (known && this.clock.now() - known.sinceMs < FRESH_MS) return known.twin;
    const entry = { sinceMs: this.clock.now(), twin: this.lookup(twinId) };
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    this.#entries.set(twinId, entry);
    const forget = () => {
      if (this.#entries.get(twinId) === entry) this.#entries.delete(twinId);
    };
    entry.twin.then((twin) => twin ?? forget(), forget);
    return entry.twin;
  }
}
