import type { Clock } from "../../../core/clock";
import type { KeyPair } from "../../../model/key-pair";
import type { ChainConnection } from "../chain-connection";
import type { ChainTiming } from "../timing";
import { asNumber, asStruct } from "./codec-json";

/** Blocks after which an extrinsic that still waits is taken for stuck. */
const MAX_BLOCKS = 5;

/** What an account has on its way when somebody starts to use it. */
export interface EarlierOptions {
  readonly connection: ChainConnection;
  readonly account: KeyPair;
  readonly clock: Clock;
  readonly timing: ChainTiming;
}

/**
 * Extrinsics that a run before this one has sent and that no block holds yet. A process that was killed a moment ago
 * leaves them behind, and what they are about to make is nowhere to be found until then.
 */
export class EarlierExtrinsics {
  readonly #options: EarlierOptions;
  /** The nonce after the last of them. */
  readonly #end: Promise<number>;
  #settled: Promise<void> | undefined;

  constructor(options: EarlierOptions) {
    this.#options = options;
    const { connection, account } = options;
    this.#end = connection.ask(async (session) => {
      return asNumber(await session.rpc("system_accountNextIndex", account.address), "nonce");
    });
    // Whoever waits for them is told.
    this.#end.catch(() => undefined);
  }

  /** Resolves when a block holds them all, or none of them got into one for five blocks. */
  async settled(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#settled ??= this.#wait().catch((error) => {
      // Asked again by the next one who wants to know.
      this.#settled = undefined;
      throw error;
    });
    return this.#settled;
  }

  async #wait(): Promise<void> {
    const { connection, account, clock, timing } = this.#options;
    const end = await this.#end;
    const deadline = clock.now() + MAX_BLOCKS * timing.blockMs;
    while (clock.now() < deadline) {
      const [record] = await connection.ask((session) => session.read([["system", "account", account.publicKey]]));
      if (asNumber(asStruct(record, "account").nonce, "nonce") >= end) return;
      await clock.sleep(timing.blockMs / 4, connection.closed);
    }
  }
}
