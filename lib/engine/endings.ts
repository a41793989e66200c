/**
 * Ends of contracts that blocks hold which are not final yet. Nobody waits for each of them: what goes last waits for all.
 * Until then they are seen to as long as the walk lasts.
 */
export class Endings {
  #open: Promise<unknown>[] = [];

  /** @param end done once the end is final; rejects when that cannot be had */
  follow(end: Promise<void>): void {
    this.#open.push(
      end.then(
        () => undefined,
        (reason: unknown) => reason,
      ),
    );
  }

  /** Waits for all of them. Gives the reasons of those whose end cannot be had, each of them once. */
  async settled(): Promise<readonly unknown[]> {
    const reasons: unknown[] = [];
    while (this.#open.length > 0) reasons.push(...(await Promise.all(this.#open.splice(0))));
    return reasons.filter((reason) => reason !== undefined);
  }
}
