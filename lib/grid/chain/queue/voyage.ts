import type { GridError } from "../../../core/errors";
import type { FlightEnd } from "./follow-flight";
import { notFinal, notIncluded, outcomeUnclear, reorganised } from "./queue-errors";
import type { Inclusion, Outcome } from "./read-inclusion";
import { chainRefused } from "./refusal";
import type { Ticket } from "./ticket";

/** What was reported to one ticket, and the promise of its finality. */
interface Report {
  readonly contractIds: readonly number[];
  readonly finalized: { readonly promise: Promise<void>; resolve(): void; reject(error: unknown): void };
}

/** Turns what becomes of one extrinsic into answers for the tickets it carries. */
export class Voyage {
  readonly #tickets: readonly Ticket[];
  readonly #deathBlock: number;
  readonly #reports = new Map<Ticket, Report>();
  #inclusion: Inclusion | undefined;

  constructor(tickets: readonly Ticket[], deathBlock: number) {
    this.#tickets = tickets;
    this.#deathBlock = deathBlock;
  }

  /** True once a block was reported. */
  get isIncluded(): boolean {
    return this.#inclusion !== undefined;
  }

  /** A block holds it. A second block replaces the first: what was reported is compared when it is final. */
  include(inclusion: Inclusion): void {
    const isFirst = this.#inclusion === undefined;
    this.#inclusion = inclusion;
    if (!isFirst) return;
    this.#tickets.forEach((ticket, index) => {
      this.#answer(ticket, inclusion.outcomes[index], inclusion.blockHash);
    });
  }

  /** Its fate is certain, or nobody will wait any longer. */
  end(end: FlightEnd): void {
    for (const [index, ticket] of this.#tickets.entries()) {
      const report = this.#reports.get(ticket);
      const error = report
        ? this.#finalityError(report.contractIds, this.#inclusion?.outcomes[index], end)
        : this.#errorOf(end);
      if (report === undefined) ticket.reject(error);
      else if (error) report.finalized.reject(error);
      else report.finalized.resolve();
    }
  }

  #answer(ticket: Ticket, outcome: Outcome | undefined, blockHash: string): void {
    if (outcome === undefined) throw new Error("a block's outcomes do not fit the calls it was asked about");
    if (outcome.kind === "refused") {
      ticket.reject(chainRefused(ticket.calls, outcome.refusal));
      return;
    }
    const { contractIds } = outcome;
    const finalized = deferred();
    this.#reports.set(ticket, { contractIds, finalized });
    ticket.resolve(contractIds.map((contractId) => ({ contractId, blockHash, finalized: finalized.promise })));
  }

  #finalityError(reported: readonly number[], outcome: Outcome | undefined, end: FlightEnd): GridError | undefined {
    if (end.kind === "unclear") return notFinal(this.#inclusion?.blockHash ?? "", end.cause);
    const now = end.kind === "final" && outcome?.kind === "done" ? outcome.contractIds : undefined;
    return now?.join() === reported.join() ? undefined : reorganised(reported, now);
  }

  #errorOf(end: FlightEnd): GridError {
    return end.kind === "dead" ? notIncluded(this.#deathBlock) : outcomeUnclear(this.#deathBlock, causeOf(end));
  }
}

function causeOf(end: FlightEnd): unknown {
  return end.kind === "unclear" ? end.cause : undefined;
}

function deferred(): Report["finalized"] {
  const settle = { resolve: () => {}, reject: (_error: unknown) => {} };
  const promise = new Promise<void>((resolve, reject) => Object.assign(settle, { resolve, reject }));
  // Most callers of creations never ask for finality: its absence must not end their process.
  promise.catch(() => undefined);
  return { promise, resolve: () => settle.resolve(), reject: (error) => settle.reject(error) };
}
