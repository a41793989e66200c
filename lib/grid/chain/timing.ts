/** Every limit the chain client waits by. Milliseconds unless the name says otherwise. */
export interface ChainTiming {
  /** One question with all its retries. @default 30 000 */
  readonly callMs: number;
  /** Opening one endpoint: handshake and metadata. @default 7 000 */
  readonly connectMs: number;
  /** One request; the endpoint is given up when it does not answer. @default 10 000 */
  readonly requestMs: number;
  /** A batch closes this long after its last call, and ten times as long after its first while more are announced. @default 100 */
  readonly batchMs: number;
  /** The chain's block time; paces how often its word is asked for. @default 6 000 */
  readonly blockMs: number;
  /**
   * Blocks an extrinsic stays valid: a power of two, at least 4. What is stuck is replaced long before; the end of an era
   * is what makes certain that calls have no effect any more, so a short one is told sooner. @default 16
   */
  readonly eraBlocks: number;
  /** Blocks' time for which calls are sent again, from when they were first sent. @default 48 */
  readonly patienceBlocks: number;
  /** From inclusion to finality; a chain that finalises is 2 to 3 blocks behind. @default 300 000 */
  readonly finalityMs: number;
}

/** What a real network needs. */
export const defaultTiming: ChainTiming = {
  callMs: 30_000,
  connectMs: 7_000,
  requestMs: 10_000,
  batchMs: 100,
  blockMs: 6_000,
  eraBlocks: 16,
  patienceBlocks: 48,
  finalityMs: 300_000,
};
