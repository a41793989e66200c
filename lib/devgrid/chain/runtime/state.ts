import type { LedgerEvent } from "../../ledger";
import type { Pallet } from "../pallets/pallet";
import type { EventRecord } from "../pallets/runtime";
import type { StorageItem } from "../pallets/storage-item";
import type { ValuesOf } from "../scale/composites";
import { Store } from "./store";

/** The state calls work on: storage, the events of the block being made, and its number and time. */
export class RuntimeState {
  readonly store = new Store();
  /** When in the block events happen now. */
  phase: EventRecord["phase"] = { kind: "Initialization" };
  /** Number of the block being made, or of the head between blocks. */
  blockNumber = 0;
  /** Chain time, Unix milliseconds. */
  nowMs = 0;
  /** Every contract and note is refused: what another block may take is not taken by this one. */
  isRefusing = false;
  #events: EventRecord[] = [];
  #notes: LedgerEvent[] = [];

  /** Chain time, Unix seconds. */
  get nowSeconds(): number {
    return Math.floor(this.nowMs / 1000);
  }

  /** An entry's value, or what the item reads as when there is none. */
  get<K extends readonly unknown[], V, D>(item: StorageItem<K, V, D>, ...key: K): V | D {
    return this.store.get(item, ...key);
  }

  /** Sets an entry. */
  set<K extends readonly unknown[], V, D>(item: StorageItem<K, V, D>, value: V, ...key: K): void {
    this.store.set(item, value, ...key);
  }

  /** Removes an entry. */
  remove<K extends readonly unknown[], V, D>(item: StorageItem<K, V, D>, ...key: K): void {
    this.store.remove(item, ...key);
  }

  /** Takes the next number of a counter; numbers count from 1 and are never given twice. */
  next(counter: StorageItem<[], number, number>): number {
    const id = this.get(counter) + 1;
    this.set(counter, id);
    return id;
  }

  /** Deposits an event of the block. */
  emit<P extends Pallet, N extends keyof P["events"] & string>(
    pallet: P,
    name: N,
    data: ValuesOf<P["events"][N]>,
  ): void {
    this.#events.push({ phase: this.phase, event: { pallet: pallet.name, name, data }, topics: [] });
  }

  /** Tells the other services of devgrid, once the block is made. */
  note(event: LedgerEvent): void {
    this.#notes.push(event);
  }

  /** Runs work that leaves nothing behind when it throws: no change, no event. */
  transact<T>(work: () => T): T {
    const events = this.#events.length;
    const notes = this.#notes.length;
    try {
      return this.store.transact(work);
    } catch (error) {
      this.#events.length = events;
      this.#notes.length = notes;
      throw error;
    }
  }

  /** The events of the block, which is thereby over. */
  takeEvents(): EventRecord[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** What the other services are told about the block. */
  takeNotes(): LedgerEvent[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }
}
