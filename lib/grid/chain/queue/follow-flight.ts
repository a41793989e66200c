import { type GridError, hasCode, messageOf } from "../../../core/errors";
import type { ChainSession } from "../chain-session";
import { type ChainView, readChainView } from "./chain-view";
import { type ExtrinsicStatus, StatusStream } from "./extrinsic-status";
import { deathBlockOf, type Flight, type QueueContext } from "./flight";
import { judgeSubmitError } from "./judge-submit-error";
import { feeMissing } from "./launch";
import { type Inclusion, readBlock, readInclusion } from "./read-inclusion";
import { signGroups } from "./sign-groups";
import { tipOf } from "./tip";

/** How a flight ended. */
export type FlightEnd =
  /** In a block that is final. */
  | { readonly kind: "final" }
  /** In no block, and it can no longer get into one. */
  | { readonly kind: "dead" }
  /** In no block, because another extrinsic used its nonce up for good. */
  | { readonly kind: "superseded" }
  /** In no block: it was thrown out, and the account cannot pay for another one. */
  | { readonly kind: "unpaid"; readonly error: GridError }
  /** The time is over and the chain did not say. */
  | { readonly kind: "unclear"; readonly cause: unknown };

/** Blocks that may pass over an extrinsic whose turn it is before it counts as stuck. */
const STUCK_BLOCKS = 3;

/** The same when another program took its place in the pool: that one comes first, as long as it moves. */
const USURPED_BLOCKS = 10;

/** Blocks without any news after which the chain is asked whether the block that took it is final. */
const QUIET_BLOCKS = 5;

/** Blocks past the last era's end after which nobody waits any longer. */
const MARGIN_BLOCKS = 20;

/** Unreadable answers after which asking once more would not help. */
const MAX_UNREADABLE = 3;

/** Signings that got stuck at an endpoint, one after the other, when it is suspected of keeping them to itself. */
const SUSPECT_SIGNINGS = 2;

/** Is told what happens to a flight before it ends. */
export interface FlightListener {
  /** A block was found to hold it; after another one, that one was dropped. */
  onIncluded(inclusion: Inclusion): void;
  /** That block was dropped, and no other is known to hold it. */
  onDropped(): void;
}

/**
 * Follows a flight until its fate is certain, and keeps it moving. News of the node is taken as progress; what is certain
 * (dead, superseded, final after a lost connection) is read from final blocks. What is stuck, or no longer in the pool, is
 * signed anew *under the same nonce*, so that no more than one of its signings can ever get into a block.
 *
 * @param until the moment after which nothing is sent any more: what is in no block then is waited to death
 */
export async function followFlight(
  context: QueueContext,
  flight: Flight,
  options: { readonly until: number; readonly listener: FlightListener },
): Promise<FlightEnd> {
  try {
    return await new Follower(context, flight, options).run();
  } finally {
    context.nonces.release(flight.nonce);
  }
}

class Follower {
  readonly #context: QueueContext;
  readonly #flight: Flight;
  readonly #listener: FlightListener;
  #stream: StatusStream | undefined;
  #inclusion: Inclusion | undefined;
  #until: number;
  #deadline: number;
  #lastTrouble: unknown;
  #unreadable = 0;
  /** The number of the newest block when it last became its turn, or was last sent. */
  #movedAt: number;
  #isUsurped = false;
  /** Blocks up to here hold none of the signings, and are final. */
  #searchedTo = 0;
  /** A nonce before this one that nobody has, and the block at which that was first seen. */
  #gap: { readonly nonce: number; readonly seenAt: number } | undefined;

  constructor(
    context: QueueContext,
    flight: Flight,
    { until, listener }: { readonly until: number; readonly listener: FlightListener },
  ) {
    this.#context = context;
    this.#flight = flight;
    this.#listener = listener;
    this.#stream = flight.stream;
    this.#movedAt = Math.max(...flight.signings.map(({ seenBlock }) => seenBlock));
    this.#until = until;
    this.#deadline = this.#lastDeath();
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

  /** When the last signing is dead at the latest, if blocks come. */
  #lastDeath(): number {
    const { clock, timing } = this.#context;
    return Math.max(clock.now(), this.#until) + (timing.eraBlocks + MARGIN_BLOCKS) * timing.blockMs;
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
        if (this.#inclusion?.blockHash === status.blockHash) this.#lose();
        return undefined;
      case "lost":
        this.#isUsurped = status.reason === "usurped";
        this.#loseStream(status.reason);
    }
    return this.#askChain();
  }

  /** Undefined after some blocks without news. Without a stream, half a block's pause is all there is to wait for. */
  async #nextStatus(): Promise<ExtrinsicStatus | undefined> {
    const { clock, connection, timing } = this.#context;
    const quietBlocks = this.#inclusion ? QUIET_BLOCKS : this.#gap ? 1 : STUCK_BLOCKS;
    if (this.#stream) return this.#stream.next(clock, quietBlocks * timing.blockMs, connection.closed);
    await clock.sleep(timing.blockMs / 2, connection.closed);
    return undefined;
  }

  #loseStream(reason: string): void {
    this.#context.log("debug", "no more news of an extrinsic", { nonce: this.#flight.nonce, reason });
    this.#stream = undefined;
  }

  /** Its block was dropped. The node sends it again by itself, and from here on it has the time of a new one. */
  #lose(): void {
    const { clock, timing } = this.#context;
    this.#movedAt = this.#inclusion?.blockNumber ?? this.#movedAt;
    this.#inclusion = undefined;
    this.#listener.onDropped();
    this.#until = clock.now() + timing.patienceBlocks * timing.blockMs;
    this.#deadline = this.#lastDeath();
  }

  async #include(blockHash: string): Promise<void> {
    if (this.#inclusion?.blockHash === blockHash) return;
    const found = await this.#context.connection.ask(async (session) => {
      return readInclusion(session, await readBlock(session, blockHash), this.#flight);
    });
    if (found === undefined) throw new Error(`block ${blockHash} does not hold the extrinsic it was said to hold`);
    this.#report(found);
  }

  #report(inclusion: Inclusion): void {
    this.#inclusion = inclusion;
    this.#deadline = this.#context.clock.now() + this.#context.timing.finalityMs;
    this.#listener.onIncluded(inclusion);
  }

  /** Asks what is certain, and sees to it that the flight moves. */
  async #askChain(): Promise<FlightEnd | undefined> {
    const { account, connection } = this.#context;
    const { nonce } = this.#flight;
    const view = await connection.ask((session) => readChainView(session, account.publicKey));
    if (view.bestNonce > nonce && !this.#inclusion) await this.#search(view);
    if (this.#inclusion) return (await this.#isFinal(view, this.#inclusion)) ? { kind: "final" } : undefined;
    if (view.finalNonce > nonce) return { kind: "superseded" };
    if (view.finalNumber >= deathBlockOf(this.#flight)) return { kind: "dead" };
    if (view.bestNonce > nonce || this.#context.clock.now() >= this.#until) return undefined;
    return view.bestNonce < nonce ? this.#closeGap(view) : this.#move(view);
  }

  /** Notices, too, that its block was dropped. */
  async #isFinal(view: ChainView, { blockNumber, blockHash }: Inclusion): Promise<boolean> {
    if (view.bestNonce <= this.#flight.nonce) this.#lose();
    else if (view.finalNumber >= blockNumber) {
      const hash = await this.#context.connection.ask((session) => session.rpc("chain_getBlockHash", blockNumber));
      if (hash === blockHash) return true;
      this.#lose();
    }
    return false;
  }

  async #search({ bestNumber, finalNumber }: ChainView): Promise<void> {
    const births = this.#flight.signings.map(({ birthBlock }) => birthBlock);
    const first = Math.max(this.#searchedTo, Math.min(...births)) + 1;
    const last = Math.min(bestNumber, deathBlockOf(this.#flight) - 1);
    for (let number = first; number <= last; number++) {
      const found = await this.#context.connection.ask(async (session) => {
        const hash = await blockHashAt(session, number, bestNumber);
        return hash && readInclusion(session, await readBlock(session, hash), this.#flight);
      });
      if (found) return this.#report(found);
    }
    this.#searchedTo = Math.min(last, finalNumber);
  }

  /** It is its turn: replaces it when it is in no pool any more, or when blocks have passed over it. */
  async #move(view: ChainView): Promise<FlightEnd | undefined> {
    const { connection } = this.#context;
    const { nonce, signings } = this.#flight;
    this.#gap = undefined;
    if (view.bestNumber - this.#movedAt < (this.#isUsurped ? USURPED_BLOCKS : STUCK_BLOCKS)) {
      return this.#stream || (await this.#pooledNonce()) > nonce ? undefined : this.#replace();
    }
    this.#movedAt = view.bestNumber;
    // An endpoint that keeps what it is given to itself would do so for ever: the next one is asked from here on.
    if (signings.length === SUSPECT_SIGNINGS) await (await connection.session()).close();
    return this.#replace();
  }

  /** The first nonce that the endpoint has seen nobody use, its pool included. */
  async #pooledNonce(): Promise<number> {
    const { account, connection } = this.#context;
    return Number(await connection.ask((session) => session.rpc("system_accountNextIndex", account.address)));
  }

  /** Signs the same calls for the same nonce, with a tip that makes pools prefer it. */
  async #replace(): Promise<FlightEnd | undefined> {
    const { connection, log } = this.#context;
    const { nonce, groups, signings } = this.#flight;
    const session = await connection.session();
    const order = { groups, nonce: () => nonce, tip: tipOf(signings.length) };
    const extrinsic = await signGroups(this.#context, session, order);
    // Before it is sent: from then on it may be in a block, whatever the node answers.
    signings.push(extrinsic);
    try {
      const stream = await StatusStream.open(session, extrinsic.hex);
      await this.#stream?.close();
      this.#stream = stream;
      this.#movedAt = extrinsic.seenBlock;
      this.#isUsurped = false;
      log("debug", "extrinsic replaced", { nonce, tip: order.tip });
      return undefined;
    } catch (error) {
      return this.#unpaid(error);
    }
  }

  /**
   * Nonces before its own are missing. Those of this process see to themselves; one that another program had and lost would
   * hold up everything after it, so it is used up by an extrinsic without calls.
   */
  async #closeGap(view: ChainView): Promise<FlightEnd | undefined> {
    const { nonces, connection, log } = this.#context;
    const { nonce } = this.#flight;
    this.#movedAt = view.bestNumber;
    const missing = await this.#pooledNonce();
    if (missing >= nonce || !nonces.isLowest(nonce)) {
      this.#gap = undefined;
      return missing === nonce && !this.#stream ? this.#replace() : undefined;
    }
    if (this.#gap?.nonce !== missing) this.#gap = { nonce: missing, seenAt: view.bestNumber };
    // It may be on its way.
    if (view.bestNumber === this.#gap.seenAt) return undefined;
    try {
      const session = await connection.session();
      const filler = await signGroups(this.#context, session, { groups: [], nonce: () => missing, tip: 0n });
      await session.rpc("author_submitExtrinsic", filler.hex);
      log("debug", "gap before an extrinsic closed", { nonce: missing });
      return undefined;
    } catch (error) {
      return this.#unpaid(error);
    }
  }

  /** What to make of the refusal of an extrinsic; undefined unless there is no money for it, nor for one already in the pool. */
  async #unpaid(refusal: unknown): Promise<FlightEnd | undefined> {
    const { nonce } = this.#flight;
    this.#context.log("debug", "extrinsic not taken", { nonce, reason: messageOf(refusal) });
    if (judgeSubmitError(refusal) !== "payment" || (await this.#pooledNonce()) > nonce) return undefined;
    return { kind: "unpaid", error: await feeMissing(this.#context, this.#flight) };
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
