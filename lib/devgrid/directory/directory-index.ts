import type { Ledger, LedgerEvent } from "../ledger";
import type { NodeFactsSource } from "./node-facts";
import type { ContractJson } from "./rows";
import { contractJson, type DirectorySnapshot, takeSnapshot } from "./snapshot";

/** How many ended contracts are remembered; the oldest go first. */
const MAX_ENDED = 10_000;

/** What an index is made of. */
export interface DirectoryIndexOptions {
  /** The chain that is followed. */
  readonly ledger: Ledger;
  /** What nodes say of themselves, asked anew for each snapshot. */
  readonly factsOf: NodeFactsSource;
  /** How far the directory and GraphQL run behind the chain, in milliseconds of chain time. @default 0 */
  readonly lagMs?: number;
  /** Ended contracts of an earlier run. */
  readonly ended?: readonly ContractJson[];
}

/**
 * What the indexer has seen of the chain: follows it block by block, remembers ended contracts that the chain forgets,
 * and can run late or stand still, as the real one does.
 *
 * Differs from the real service: without a lag it is never behind, and a node that goes offline is listed as down at
 * once, where the real directory needs up to 80 minutes. `setStale(true)` or a lag brings that back.
 */
export class DirectoryIndex {
  readonly #ledger: Ledger;
  readonly #factsOf: NodeFactsSource;
  readonly #ended: ContractJson[];
  readonly #createdAt = new Map<number, number>();
  readonly #unsubscribe: () => void;
  #lagMs: number;
  /** Snapshots by time, oldest first; kept only while there is a lag. */
  #history: { readonly at: number; readonly snapshot: DirectorySnapshot }[] = [];
  #frozen: DirectorySnapshot | undefined;

  constructor(options: DirectoryIndexOptions) {
    this.#ledger = options.ledger;
    this.#factsOf = options.factsOf;
    this.#lagMs = options.lagMs ?? 0;
    this.#ended = [...(options.ended ?? [])];
    for (const { contractId } of this.#ledger.listContracts()) this.#noteCreation(contractId);
    this.#unsubscribe = this.#ledger.subscribe((events) => this.#follow(events));
    this.#remember();
  }

  /** What is served now. */
  current(): DirectorySnapshot {
    if (this.#frozen) return this.#frozen;
    return this.#lagMs > 0 ? this.#delayed() : this.#fresh();
  }

  /** Ended contracts, for the state file. */
  ended(): readonly ContractJson[] {
    return this.#ended;
  }

  /** Lets the index run behind the chain by so many milliseconds of chain time; 0 follows at once. */
  setLag(lagMs: number): void {
    this.#lagMs = lagMs;
    this.#history = [];
    this.#remember();
  }

  /** While stale, nothing new is seen: what was served last stays. */
  setStale(isStale: boolean): void {
    this.#frozen = isStale ? this.current() : undefined;
  }

  /** Stops following the chain. */
  close(): void {
    this.#unsubscribe();
  }

  #fresh(): DirectorySnapshot {
    return takeSnapshot(this.#ledger, this.#factsOf, this.#ended);
  }

  /** The newest snapshot that is at least as old as the lag; while there is none, the oldest. */
  #delayed(): DirectorySnapshot {
    const horizon = this.#ledger.now() - this.#lagMs;
    const next = this.#history.findIndex((entry) => entry.at > horizon);
    const seen = next === -1 ? this.#history.length - 1 : Math.max(0, next - 1);
    this.#history.splice(0, seen);
    return this.#history[0]?.snapshot ?? this.#fresh();
  }

  #remember(): void {
    if (this.#lagMs > 0) this.#history.push({ at: this.#ledger.now(), snapshot: this.#fresh() });
  }

  #follow(events: readonly LedgerEvent[]): void {
    for (const event of events) {
      if (event.kind === "contractCreated") this.#noteCreation(event.contract.contractId);
      if (event.kind === "contractEnded") this.#forget(event.contract);
    }
    this.#remember();
  }

  #noteCreation(contractId: number): void {
    this.#createdAt.set(contractId, this.#ledger.contractCreatedAt(contractId));
  }

  /** The chain drops an ended contract at once; the directory lists it for ever, as Deleted. */
  #forget(contract: Extract<LedgerEvent, { kind: "contractEnded" }>["contract"]): void {
    const row = contractJson(this.#ledger, contract);
    const createdAt = this.#createdAt.get(contract.contractId) ?? row.created_at;
    this.#createdAt.delete(contract.contractId);
    this.#ended.push({ ...row, state: "Deleted", created_at: createdAt });
    if (this.#ended.length > MAX_ENDED) this.#ended.splice(0, this.#ended.length - MAX_ENDED);
  }
}
