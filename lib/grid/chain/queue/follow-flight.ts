import { hasCode, messageOf } from "../../../core/errors";
import type { ChainSession } from "../chain-session";
import { readChainView } from "./chain-view";
import { type ExtrinsicStatus, StatusStream } from "./extrinsic-status";
import type { Flight, QueueContext } from "./flight";
import { type Inclusion, readBlock, readInclusion } from "./read-inclusion";

/** How an extrinsic ended. */
export type FlightEnd =
  /** In a block that is final. */
  | { readonly kind: "final" }
  /** In no block, and it can no longer get into one. */
  | { readonly kind: "dead" }
  /** In no block, because another extrinsic used its nonce up for good. */
  | { readonly kind: "superseded" }
  /** The time is over and the chain did not say. */
  | { readonly kind: "unclear"; readonly cause: unknown };

/** Blocks without any news after which the chain is asked. */
const QUIET_BLOCKS = 5;

/** Blocks past the era's end after which nobody waits any longer. */
const MARGIN_BLOCKS = 20;

/** Unreadable answers after which asking once more would not help. */
const MAX_UNREADABLE = 3;

/**
 * Follows an extrinsic until its fate is certain. News of the node is taken as progress; what is certain (dead,
 * superseded, final after a lost connection) is read from final blocks, and nothing is ever sent again but the same
 * bytes, which a chain includes at most once.
 *
 * @param onIncluded called with each block found to hold it; a second one means that the first was dropped
 */
export async function followFlight(
  context: QueueContext,
  flight: Flight,
  onIncluded: (inclusion: Inclusion) => void,
): Promise<FlightEnd> {
  return new Follower(context, flight, onIncluded).run();
}

class Follower {
  readonly #context: QueueContext;
  readonly #flight: Flight;
  readonly #onIncluded: (inclusion: Inclusion) => void;
  #stream: StatusStream | undefined;
  #inclusion: Inclusion | undefined;
  #deadline: number;
  #lastTrouble: unknown;
  #unreadable = 0;

  constructor(context: QueueContext, flight: Flight, onIncluded: (inclusion: Inclusion) => void) {
    this.#context = context;
    this.#flight = flight;
    this.#onIncluded = onIncluded;
    this.#stream = flight.stream;
    this.#deadline = context.clock.now() + (context.timing.eraBlocks + MARGIN_BLOCKS) * context.timing.blockMs;
  }

  async run(): Promise<FlightEnd> {
    const { clock, connection } = this.#context;
    try {
      while (clock.now() < this.#deadline && !connection.closed.aborted && this.#unreadable < MAX_UNREADABLE) {
        const end = await this.#step().catch((error) => this.#trouble(error));
        if (end) return end;
      }
    } finally {
      await this.#stream?.close();
    }
    return { kind: "unclear", cause: connection.closed.aborted ? connection.closed.reason : this.#lastTrouble };
  }

  async #step(): Promise<FlightEnd | undefined> {
    const status = await this.#nextStatus();
    switch (status?.kind) {
      case "pooled":
        return undefined;
      case "inBlock":
      case "finalized":
        await this.#include(status.blockHash);
        return status.kind === "finalized" ? { kind: "final" } : undefined;
      case "retracted":
        if (this.#inclusion?.blockHash === status.blockHash) this.#inclusion = undefined;
        return undefined;
      case "lost":
        this.#loseStream(status.reason);
    }
    return this.#askChain();
  }

  /** Undefined after some blocks without news. Without a stream, one block's pause is all there is to wait for. */
  async #nextStatus(): Promise<ExtrinsicStatus | undefined> {
    const { clock, connection, timing } = this.#context;
    if (this.#stream) return this.#stream.next(clock, QUIET_BLOCKS * timing.blockMs, connection.closed);
    await clock.sleep(timing.blockMs / 2, connection.closed);
    return undefined;
  }

  #loseStream(reason: string): void {
    this.#context.log("debug", "no more news of an extrinsic", { nonce: this.#flight.extrinsic.nonce, reason });
    this.#context.nonces.doubt();
    this.#stream = undefined;
  }

  async #include(blockHash: string): Promise<void> {
    if (this.#inclusion?.blockHash === blockHash) return;
    const { extrinsic, groups } = this.#flight;
    const found = await this.#context.connection.ask(async (session) => {
      return readInclusion(session, await readBlock(session, blockHash), extrinsic.hex, groups);
    });
    if (found === undefined) throw new Error(`block ${blockHash} does not hold the extrinsic it was said to hold`);
    this.#report(found);
  }

  #report(inclusion: Inclusion): void {
    this.#inclusion = inclusion;
    this.#deadline = this.#context.clock.now() + this.#context.timing.finalityMs;
    this.#onIncluded(inclusion);
  }

  /** Asks what is certain, and sends the same bytes again when nobody has them. */
  async #askChain(): Promise<FlightEnd | undefined> {
    const { account, connection } = this.#context;
    const { nonce, deathBlock } = this.#flight.extrinsic;
    const view = await connection.ask((session) => readChainView(session, account.address));
    if (view.bestNonce > nonce && !this.#inclusion) await this.#search(view.bestNumber);
    const held = this.#inclusion;
    if (held && view.finalNumber >= held.blockNumber) {
      const hash = await connection.ask((session) => session.rpc("chain_getBlockHash", held.blockNumber));
      if (hash === held.blockHash) return { kind: "final" };
      this.#inclusion = undefined;
    }
    if (held) return undefined;
    if (view.finalNonce > nonce) return { kind: "superseded" };
    if (view.finalNumber >= deathBlock) return { kind: "dead" };
    if (!this.#stream && view.bestNonce <= nonce) await this.#sendAgain();
    return undefined;
  }

  async #search(lastBlock: number): Promise<void> {
    const { extrinsic, groups } = this.#flight;
    for (let number = extrinsic.birthBlock + 1; number <= lastBlock && number < extrinsic.deathBlock; number++) {
      const found = await this.#context.connection.ask(async (session) => {
        const hash = await blockHashAt(session, number, lastBlock);
        return hash && readInclusion(session, await readBlock(session, hash), extrinsic.hex, groups);
      });
      if (found) return this.#report(found);
    }
  }

  async #sendAgain(): Promise<void> {
    try {
      this.#stream = await StatusStream.open(await this.#context.connection.session(), this.#flight.extrinsic.hex);
    } catch (error) {
      // In the pool already, banned for a while, or dead: which of these it is, the next look at the chain tells.
      this.#context.log("debug", "extrinsic not taken again", { reason: messageOf(error) });
    }
  }

  #trouble(error: unknown): undefined {
    this.#lastTrouble = error;
    if (hasCode(error, "TFG_CHAIN_ANSWER")) this.#unreadable++;
    this.#loseStream(messageOf(error));
  }
}

/** Undefined for a number without a block, which only a chain that skips numbers has: the endpoint must know later ones. */
async function blockHashAt(session: ChainSession, number: number, lastBlock: number): Promise<string | undefined> {
  const [hash, last] = await Promise.all([
    session.rpc("chain_getBlockHash", number),
    session.rpc("chain_getBlockHash", lastBlock),
  ]);
  if (typeof last !== "string") throw new Error(`the endpoint does not know block ${lastBlock} yet`);
  return typeof hash === "string" ? hash : undefined;
}
