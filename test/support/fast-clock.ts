import { type Clock, systemClock } from "../../lib/core/clock";

/** The machine's clock run faster: a deadline of a minute passes in 60 / `times` seconds, on the grid and off it alike. */
export function fastClock(times: number): Clock {
  const start = systemClock.now();
  return {
    now: () => start + (systemClock.now() - start) * times,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
  };
}
