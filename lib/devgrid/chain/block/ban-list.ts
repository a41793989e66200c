/** How long bytes that were thrown out, or that a block has taken, are not looked at. @source substrate transaction pool, PoolRotator */
const BAN_MS = 30 * 60_000;

/** Hashes of extrinsics that the pool does not look at for a while. */
export class BanList {
  readonly #until = new Map<string, number>();

  /** @param now milliseconds, the time travelled included */
  constructor(private readonly now: () => number) {}

  /** Does not look at these bytes from now on. */
  add(hash: string): void {
    const now = this.now();
    this.#until.delete(hash);
    this.#until.set(hash, now + BAN_MS);
    for (const [old, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(old);
    }
  }

  /** Whether these bytes are banned. */
  has(hash: string): boolean {
    return (this.#until.get(hash) ?? 0) > this.now();
  }
}
