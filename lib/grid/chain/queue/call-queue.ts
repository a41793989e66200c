import type { CallResult, ContractCall } from "../../../model/call";
import { checkGroup } from "./check-call";
import { explainRefusal } from "./explain-refusal";
import type { Flight, QueueContext } from "./flight";
import { followFlight } from "./follow-flight";
import { launch } from "./launch";
import { batchClosesAt, MAX_CALLS, planBatches } from "./plan-batch";
import { Ticket } from "./ticket";
import { Voyage } from "./voyage";

/**
 * The one queue of an account. Calls of everywhere in the process travel together: what is added within a short time
 * goes out as one extrinsic, several extrinsics may be on their way with consecutive nonces, and each caller gets the
 * answer to its own calls.
 */
export class CallQueue {
  readonly #context: QueueContext;
  #waiting: Ticket[] = [];
  #openedAt = 0;
  #lastAddedAt = 0;
  #isClosing = false;
  #expected = 0;
  #launching: Promise<void> = Promise.resolve();

  constructor(context: QueueContext) {
    this.#context = context;
  }

  /** Announces calls: a batch that is open waits for them. To be told, once, when they were added or will not come. */
  announce(): () => void {
    let isExpected = true;
    this.#expected++;
    return () => {
      if (isExpected) this.#expected--;
      isExpected = false;
    };
  }

  /**
   * Adds calls that stand or fall together; settles when a block holds them.
   *
   * @param signal stops the wait; calls that are not sent yet are dropped
   */
  async submit(calls: readonly ContractCall[], signal?: AbortSignal): Promise<CallResult[]> {
    signal?.throwIfAborted();
    this.#context.connection.closed.throwIfAborted();
    if (calls.length === 0) return [];
    checkGroup(calls, MAX_CALLS);
    const ticket = new Ticket(calls, signal);
    this.#add(ticket);
    try {
      return await ticket.results;
    } catch (error) {
      throw await explainRefusal(this.#context.connection, calls, error);
    }
  }

  #add(ticket: Ticket): void {
    this.#lastAddedAt = this.#context.clock.now();
    if (this.#waiting.length === 0) this.#openedAt = this.#lastAddedAt;
    this.#waiting.push(ticket);
    if (!this.#isClosing) void this.#closeInTime();
  }

  async #closeInTime(): Promise<void> {
    const { clock, connection, timing } = this.#context;
    this.#isClosing = true;
    try {
      for (let left = this.#timeLeft(timing.batchMs); left > 0; left = this.#timeLeft(timing.batchMs)) {
        // Looks again while it waits for calls that may have been called off.
        await clock.sleep(Math.min(left, timing.batchMs), connection.closed);
      }
    } catch (error) {
      for (const ticket of this.#waiting.splice(0)) ticket.reject(error);
    } finally {
      this.#isClosing = false;
    }
    this.#sendWaiting();
  }

  #timeLeft(quietMs: number): number {
    const batch = {
      firstAddedAt: this.#openedAt,
      lastAddedAt: this.#lastAddedAt,
      calls: this.#waiting.reduce((sum, { calls }) => sum + calls.length, 0),
      isMoreExpected: this.#expected > 0,
    };
    return batchClosesAt(batch, quietMs) - this.#context.clock.now();
  }

  #sendWaiting(): void {
    const tickets = this.#waiting.splice(0).filter(({ isSettled }) => !isSettled);
    for (const groups of planBatches(tickets.map(({ calls }) => calls.length))) {
      const batch = tickets.splice(0, groups);
      // One after the other: the next nonce is known only once this extrinsic is taken.
      this.#launching = this.#launching.then(() => this.#launch(batch));
    }
  }

  /** Never rejects: every failure is an answer to the tickets. */
  async #launch(batch: readonly Ticket[]): Promise<void> {
    const tickets = batch.filter(({ isSettled }) => !isSettled);
    if (tickets.length === 0) return;
    const until = this.#patienceOf(tickets);
    try {
      const launched = await launch(
        this.#context,
        tickets.map(({ calls }) => calls),
        until,
      );
      if (launched.kind === "flying") {
        void this.#accompany(tickets, launched.flight, until);
        return;
      }
      for (const groups of launched.parts) await this.#launch(tickets.splice(0, groups));
    } catch (error) {
      for (const ticket of tickets) ticket.reject(error);
    }
  }

  /** The moment after which these are not sent again. It is counted from when the first of them was first sent. */
  #patienceOf(tickets: readonly Ticket[]): number {
    const { clock, timing } = this.#context;
    const latest = clock.now() + timing.patienceBlocks * timing.blockMs;
    for (const ticket of tickets) ticket.until ??= latest;
    return Math.min(...tickets.map(({ until = latest }) => until));
  }

  async #accompany(tickets: readonly Ticket[], flight: Flight, until: number): Promise<void> {
    const voyage = new Voyage(tickets, flight);
    const end = await followFlight(this.#context, flight, { until, listener: voyage });
    for (const ticket of voyage.end(end, this.#context.clock.now())) this.#add(ticket);
  }
}
