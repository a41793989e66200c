import { poll } from "../../lib/core/backoff";
import { systemClock } from "../../lib/core/clock";

/** Repeats assertions until they hold; when the time is up, throws what the last round threw. */
export async function eventually(check: () => Promise<void>, deadlineMs: number): Promise<void> {
  let last: unknown;
  const onTimeout = () => (last instanceof Error ? last : new Error(String(last)));
  await poll({ clock: systemClock, firstMs: 50, maxMs: 3_000, deadlineMs, onTimeout }, async () => {
    try {
      await check();
      return true;
    } catch (error) {
      last = error;
      return undefined;
    }
  });
}
