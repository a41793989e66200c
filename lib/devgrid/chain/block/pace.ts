import type { Clock } from "../../../core/clock";
import type { ChainCore } from "./chain-core";
import { BLOCK_MS } from "./chain-core";

/**
 * Milliseconds an instant block waits for company, so that extrinsics sent together share a block. Real time whatever
 * the clock: it is about batching, not about the time of the chain.
 */
const GATHER_MS = 3;

/** Milliseconds an instant block waits for its watchers to read its events before it is final; real time as well. */
const READ_MS = 1000;

/** Milliseconds between the last such read and finality: the other requests of that client come with it. */
const SETTLE_MS = 10;

/** Decides when blocks are made: every so many milliseconds, or at once when there is something to put in. */
export class Pace {
  readonly #core: ChainCore;
  readonly #clock: Clock;
  readonly #isInstant: boolean;
  readonly #periodMs: number;
  readonly #stop = new AbortController();
  #isPaused = false;
  #gathering: NodeJS.Timeout | undefined;
  readonly #finalizing = new Set<NodeJS.Timeout>();

  constructor(core: ChainCore, clock: Clock, blockMs: number | "instant") {
    this.#core = core;
    this.#clock = clock;
    this.#isInstant = blockMs === "instant";
    this.#periodMs = blockMs === "instant" ? BLOCK_MS : blockMs;
  }

  /** Starts making blocks; an idle chain makes empty ones, so that it counts as in sync. */
  start(): void {
    if (this.#isInstant) {
      this.#core.listen({
        head: ({ hash, extrinsics }) => {
          if (extrinsics.length > 1) this.#finalizeIn(READ_MS, hash);
        },
      });
    }
    void this.#run();
  }

  /** Says that a client has read the events of a block. */
  eventsRead(hash: string, reader: object): void {
    if (this.#core.eventsRead(hash, reader)) this.#finalizeIn(SETTLE_MS, hash);
  }

  /** Stops for good. */
  stop(): void {
    this.#stop.abort();
    clearTimeout(this.#gathering);
    for (const timer of this.#finalizing) clearTimeout(timer);
  }

  /** Stops making blocks until `resume`. */
  pause(): void {
    this.#isPaused = true;
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
  }

  /** Goes on making blocks. */
  resume(): void {
    this.#isPaused = false;
    this.poke();
  }

  /** Says that there is something to put in a block. */
  poke(): void {
    if (!this.#isInstant || this.#isPaused || this.#gathering || this.#stop.signal.aborted) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      this.#core.produceBlock();
      if (this.#core.hasWork) this.poke();
    }, GATHER_MS);
  }

  #finalizeIn(ms: number, hash: string): void {
    const timer = setTimeout(() => {
      this.#finalizing.delete(timer);
      this.#core.eventsRead(hash);
      this.#core.finalize();
      if (this.#core.isHeadDoomed && !this.#isPaused) {
        this.#core.produceBlock();
        this.poke();
      }
    }, ms);
    this.#finalizing.add(timer);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(this.#periodMs, signal);
      } catch {
        // The only reason a sleep fails is that the chain was closed.
        return;
      }
      if (!this.#isPaused) this.#core.produceBlock();
    }
  }
}
