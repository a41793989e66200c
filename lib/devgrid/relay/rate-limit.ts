import type { Clock } from "../../core/clock";

/** How much one twin may send in a window of a minute. */
export interface RateLimitOptions {
  /** Messages. */
  readonly count: number;
  /** Bytes, also the largest single message. */
  readonly bytes: number;
}

/** Length of a window. Windows are aligned to the clock. @source rmb-rs src/relay/limiter */
const WINDOW_MS = 60_000;

/** The fixed-window limit of a relay; refused messages count too, except those larger than a whole window. */
export class RateLimit {
  readonly #windows = new Map<number, { readonly start: number; count: number; bytes: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly limit: RateLimitOptions | undefined,
  ) {}

  /** False when the twin has used up its window. */
  admits(twinId: number, bytes: number): boolean {
    if (!this.limit) return true;
    if (bytes > this.limit.bytes) return false;
    const start = Math.floor(this.clock.now() / WINDOW_MS);
    const known = this.#windows.get(twinId);
    const window = known?.start === start ? known : { start, count: 0, bytes: 0 };
    this.#windows.set(twinId, window);
    window.count++;
    window.bytes += bytes;
    return window.count <= this.limit.count && window.bytes <= this.limit.bytes;
  }
}
