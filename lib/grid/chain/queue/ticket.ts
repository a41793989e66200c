import type { CallResult, ContractCall } from "../../../model/call";

/** One submit on its way through the queue: settles once, and its caller may stop waiting at any time. */
export class Ticket {
  /** The calls, which stand or fall together. */
  readonly calls: readonly ContractCall[];
  /** What the caller waits on. */
  readonly results: Promise<CallResult[]>;
  /** The moment after which it is not sent again; undefined before it was sent. */
  until: number | undefined;
  #settle: { resolve(results: CallResult[]): void; reject(error: unknown): void } | undefined;

  /** @param signal stops the wait, not the calls once they are sent */
  constructor(calls: readonly ContractCall[], signal: AbortSignal | undefined) {
    this.calls = calls;
    this.results = new Promise((resolve, reject) => {
      const onAbort = () => this.reject(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      const settled = () => signal?.removeEventListener("abort", onAbort);
      this.#settle = {
        resolve: (results) => [settled(), resolve(results)],
        reject: (error) => [settled(), reject(error)],
      };
    });
  }

  /** True once the caller has its answer, or has stopped waiting for one. */
  get isSettled(): boolean {
    return this.#settle === undefined;
  }

  /** Hands the results over. */
  resolve(results: CallResult[]): void {
    this.#settle?.resolve(results);
    this.#settle = undefined;
  }

  /** Hands an error over. */
  reject(error: unknown): void {
    this.#settle?.reject(error);
    this.#settle = undefined;
  }
}
