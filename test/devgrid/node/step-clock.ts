import type { Clock } from "../../../lib/core/clock";

/** Time that passes as fast as it is slept away, or stands still while frozen. */
export class StepClock implements Clock {
  #nowMs = 1_700_000_000_000;
  #sleepers: (() => void)[] = [];
  /** Milliseconds of every sleep, in order. */
  readonly slept: number[] = [];
  /** While true nobody wakes up. */
  isFrozen = false;

  now = () => this.#nowMs;

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    if (this.isFrozen) await this.#thawed(signal);
    else await Promise.resolve();
    signal?.throwIfAborted();
    this.#nowMs += ms;
  }

  /** Lets everyone wake up. */
  thaw(): void {
    this.isFrozen = false;
    for (const wake of this.#sleepers.splice(0)) wake();
  }

  /** Resolves as soon as somebody sleeps while time stands still. */
  async somebodySleeps(): Promise<void> {
    while (this.#sleepers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  #thawed(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.push(resolve);
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }
}
