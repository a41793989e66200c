/** Hands out the nonces of one account, so that several extrinsics can be on their way. */
export class NonceCounter {
  #next: number | undefined;

  /**
   * The nonce for the next extrinsic.
   *
   * @param pooled the chain's word, its pool included. The larger one counts: another program may have used nonces
   * since, and an endpoint may not have heard of ours yet.
   */
  choose(pooled: number): number {
    return Math.max(pooled, this.#next ?? 0);
  }

  /** The extrinsic with this nonce was taken. */
  used(nonce: number): void {
    this.#next = nonce + 1;
  }

  /** Something went differently than expected: from here on only the chain's word counts. */
  doubt(): void {
    this.#next = undefined;
  }
}
