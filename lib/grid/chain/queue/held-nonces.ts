/** The nonces that extrinsics of this process hold while they are on their way. */
export class HeldNonces {
  readonly #held = new Set<number>();

  /**
   * The nonce for the next extrinsic: the first one that is free.
   *
   * @param pooled the first one that the endpoint has seen nobody use, its pool included. It may have lost one of ours,
   * or not heard of it yet; that one is still spoken for.
   */
  choose(pooled: number): number {
    let nonce = pooled;
    while (this.#held.has(nonce)) nonce++;
    return nonce;
  }

  /** An extrinsic with this nonce is on its way. */
  hold(nonce: number): void {
    this.#held.add(nonce);
  }

  /** It has arrived for good, or never will. */
  release(nonce: number): void {
    this.#held.delete(nonce);
  }

  /** Whether an extrinsic of this process is on its way with it. */
  has(nonce: number): boolean {
    return this.#held.has(nonce);
  }

  /** Whether no extrinsic of this process has a lower one. */
  isLowest(nonce: number): boolean {
    return [...this.#held].every((other) => other >= nonce);
  }
}
