/** Times of something that was done several times, in milliseconds. */
export interface Times {
  readonly median: number;
  readonly min: number;
}

/** Sums measurements up. The minimum is what repeats on a busy machine. */
export function timesOf(measured: readonly number[]): Times {
  const sorted = [...measured].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, min: sorted[0] ?? Number.NaN };
}
