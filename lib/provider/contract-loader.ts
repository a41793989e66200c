import type { ChainClient } from "../grid/clients";
import type { Contract } from "../model/contract";

/** Waits for a contract's answer. */
interface Waiter {
  resolve(contract: Contract | undefined): void;
  reject(error: unknown): void;
}

/**
 * Reads contracts for many resources at once: what is asked within the same few milliseconds travels in one storage
 * query, so that a refresh of a hundred objects costs one round trip instead of a hundred.
 */
export class ContractLoader {
  readonly #chain: () => Promise<ChainClient>;
  readonly #asked = new Set<number>();
  #waiting = new Map<number, Waiter[]>();

  constructor(chain: () => Promise<ChainClient>) {
    this.#chain = chain;
  }

  /** A live contract; undefined when it has ended. */
  async load(contractId: number, signal: AbortSignal): Promise<Contract | undefined> {
    signal.throwIfAborted();
    this.#asked.add(contractId);
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) setTimeout(() => void this.#flush(), 2);
      const waiters = this.#waiting.get(contractId) ?? [];
      this.#waiting.set(contractId, [...waiters, { resolve, reject }]);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  /** Whether anybody asked for that contract. */
  wasAsked(contractId: number): boolean {
    return this.#asked.has(contractId);
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    const ids = [...waiting.keys()];
    try {
      const contracts = await (await this.#chain()).getContracts(ids);
      ids.forEach((id, index) => {
        for (const waiter of waiting.get(id) ?? []) waiter.resolve(contracts[index]);
      });
    } catch (error) {
      for (const waiter of [...waiting.values()].flat()) waiter.reject(error);
    }
  }
}
