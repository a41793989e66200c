import type { Clock } from "./clock";

/** How a wait is paced and when it ends. */
export interface PollOptions {
  /** Time source. */
  readonly clock: Clock;
  /** First pause in milliseconds; each next one is 1.5 times longer. */
  readonly firstMs: number;
  /** Longest pause in milliseconds. */
  readonly maxMs: number;
  /** Total time in milliseconds after which `onTimeout` makes the error that is thrown. */
  readonly deadlineMs: number;
  /** Aborts the wait; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Builds the error of a wait that ran out of time. */
  readonly onTimeout: () => Error;
}

/** Asks until `ask` answers something other than undefined, with growing pauses and a hard deadline. */
export async function poll<T>(options: PollOptions, ask: () => Promise<T | undefined>): Promise<T> {
  const { clock, signal } = options;
  const end = clock.now() + options.deadlineMs;
  let pause = options.firstMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    const left = end - clock.now();
    if (left <= 0) throw options.onTimeout();
    await clock.sleep(Math.min(pause, left), signal);
    pause = Math.min(pause * 1.5, options.maxMs);
  }
}

/** Bounds a promise: throws what `onTimeout` builds when it has not settled within `ms`, or the signal's reason. */
export async function withDeadline<T>(
  work: Promise<T>,
  options: { readonly ms: number; readonly signal?: AbortSignal; readonly onTimeout: () => Error },
): Promise<T> {
  const { ms, signal, onTimeout } = options;
  if (signal?.aborted) {
    // Nobody waits for the work any more: its failure must not become an unhandled one.
    work.catch(() => undefined);
    throw signal.reason;
  }
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => finish(() => reject(onTimeout())), ms);
    const onAbort = () => finish(() => reject(signal?.reason));
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      settle();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    work.then(
      (value) => finish(() => resolve(value)),
      (error) => finish(() => reject(error)),
    );
  });
}
