import type { GridError } from "../../../core/errors";
import { deathBlockOf, type Flight } from "./flight";
import type { FlightEnd, FlightListener } from "./follow-flight";
import {
  feeGone,
  nonceContended,
  notFinal,
  notIncluded,
  outcomeUnclear,
  refusedForNow,
  reorganised,
} from "./queue-errors";
import type { Inclusion, Outcome } from "./read-inclusion";
import { chainRefused } from "./refusal";
import type { Ticket } from "./ticket";

/** What was reported to one ticket, and the promise of its finality. */
interface Report {
  readonly contractIds: readonly number[];
  readonly finalized: { readonly promise: Promise<void>; resolve(): void; reject(error: unknown): void };
}

/** Turns what becomes of one flight into answers for the tickets it carries. */
export class Voyage implements FlightListener {
  readonly #tickets: readonly Ticket[];
  readonly #flight: Pick<Flight, "signings">;
  readonly #reports = new Map<Ticket, Report>();
  #inclusion: Inclusion | undefined;
  #isDropped = false;

  constructor(tickets: readonly Ticket[], flight: Pick<Flight, "signings">) {
    this.#tickets = tickets;
    this.#flight = flight;
  }

  /**
   * A block holds it. A second block replaces the first: what was reported is compared when it is final.
   *
   * A refusal is told once its block is final: another block may accept what this one refused, and nobody would know what
   * it made.
   */
  onIncluded(inclusion: Inclusion): void {
    this.#inclusion = inclusion;
    this.#isDropped = false;
    for (const [index, ticket] of this.#tickets.entries()) {
      const outcome = inclusion.outcomes[index];
      if (outcome === undefined) throw new Error("a block's outcomes do not fit the calls it was asked about");
      if (outcome.kind === "done" && !this.#reports.has(ticket)) {
        this.#report(ticket, outcome.contractIds, inclusion.blockHash);
      }
    }
  }

  /** What that block refused, another one may accept. */
  onDropped(): void {
    this.#isDropped = true;
  }

  /**
   * Its fate is certain, or nobody will wait any longer.
   *
   * @param now milliseconds of the queue's clock, which decides whether calls may be sent again
   * @returns tickets whose calls certainly had no effect, and are to be sent again
   */
  end(end: FlightEnd, now: number): Ticket[] {
    const again: Ticket[] = [];
    for (const [index, ticket] of this.#tickets.entries()) {
      const outcome = this.#isDropped ? undefined : this.#inclusion?.outcomes[index];
      const report = this.#reports.get(ticket);
      if (report) settle(report, this.#finalityError(report.contractIds, outcome, end));
      else if (isHarmless(end) && now < (ticket.until ?? now)) again.push(ticket);
      else ticket.reject(this.#errorOf(ticket, outcome, end));
    }
    return again;
  }

  #report(ticket: Ticket, contractIds: readonly number[], blockHash: string): void {
    const finalized = deferred();
    this.#reports.set(ticket, { contractIds, finalized });
    ticket.resolve(contractIds.map((contractId) => ({ contractId, blockHash, finalized: finalized.promise })));
  }

  #finalityError(reported: readonly number[], outcome: Outcome | undefined, end: FlightEnd): GridError | undefined {
    if (end.kind === "unclear") return notFinal(this.#inclusion?.blockHash ?? "", end.cause);
    const now = end.kind === "final" && outcome?.kind === "done" ? outcome.contractIds : undefined;
    return now?.join() === reported.join() ? undefined : reorganised(reported, now);
  }

  #errorOf(ticket: Ticket, outcome: Outcome | undefined, end: FlightEnd): GridError {
    const deathBlock = deathBlockOf(this.#flight);
    if (outcome?.kind === "refused" && end.kind === "final") return chainRefused(ticket.calls, outcome.refusal);
    switch (end.kind) {
      case "dead":
        return notIncluded(deathBlock);
      case "superseded":
        return nonceContended("another transaction took the nonce");
      case "unpaid":
        return feeGone(end.error, deathBlock);
      default: {
        const cause = end.kind === "unclear" ? end.cause : undefined;
        if (outcome?.kind !== "refused") return outcomeUnclear(deathBlock, cause);
        return refusedForNow(chainRefused(ticket.calls, outcome.refusal), cause);
      }
    }
  }
}

/** Whether the calls certainly had no effect and never will. */
function isHarmless({ kind }: FlightEnd): boolean {
  return kind === "dead" || kind === "superseded";
}

function settle({ finalized }: Report, error: GridError | undefined): void {
  if (error) finalized.reject(error);
  else finalized.resolve();
}

function deferred(): Report["finalized"] {
  const settle = { resolve: () => {}, reject: (_error: unknown) => {} };
  const promise = new Promise<void>((resolve, reject) => Object.assign(settle, { resolve, reject }));
  // Most callers of creations never ask for finality: its absence must not end their process.
  promise.catch(() => undefined);
  return { promise, resolve: () => settle.resolve(), reject: (error) => settle.reject(error) };
}
