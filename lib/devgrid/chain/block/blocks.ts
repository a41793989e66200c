import type { LedgerEvent } from "../../ledger";
import type { EventRecord } from "../pallets/runtime";
import { System } from "../pallets/runtime";
import type { StorageItem } from "../pallets/storage-item";
import { BLOCK_HASH_COUNT } from "../pallets/system";
import type { BlockChanges, Store } from "../runtime/store";
import { textOf } from "../runtime/store";
import type { Header } from "./header";

/** A block that was made. */
export interface Block {
  /** 64 hex digits. */
  readonly hash: string;
  readonly header: Header;
  /** As sent; the first sets the time. */
  readonly extrinsics: readonly Buffer[];
  readonly events: readonly EventRecord[];
  /** What it changed: undoes it, and answers reads at its ancestors. */
  readonly changes: BlockChanges;
  /** What the other services were told. */
  readonly notes: readonly LedgerEvent[];
}

/** The blocks of the last hours, the genesis, and those that a re-organisation dropped. */
export class Blocks {
  readonly genesis: Block;
  #chain: Block[];
  readonly #byHash = new Map<string, Block>();
  readonly #byNumber = new Map<number, Block>();
  #finalized: Block;

  constructor(genesis: Block, head: Block) {
    this.genesis = genesis;
    this.#chain = [head];
    this.#finalized = head;
    for (const block of [genesis, head]) this.#index(block);
  }

  /** The latest block. */
  get head(): Block {
    return this.#chain.at(-1) ?? this.genesis;
  }

  /** The latest block that cannot be dropped any more. */
  get finalized(): Block {
    return this.#finalized;
  }

  /** Any block by hash, dropped ones included. */
  find(hash: string): Block | undefined {
    return this.#byHash.get(hash);
  }

  /** A block of the chain by number; time travel leaves gaps. */
  findByNumber(number: number): Block | undefined {
    return this.#byNumber.get(number);
  }

  /** Makes a block the head. */
  append(block: Block): void {
    this.#chain.push(block);
    this.#index(block);
    if (this.#chain.length > BLOCK_HASH_COUNT) this.#forget(this.#chain.shift());
  }

  /** Drops the head, which stays findable by its hash. */
  dropHead(): Block | undefined {
    if (this.head === this.#finalized) return undefined;
    const dropped = this.#chain.pop();
    if (dropped) this.#byNumber.delete(dropped.header.number);
    return dropped;
  }

  /** Finalizes what is `lag` blocks behind the head, up to the first block held back; gives it, oldest first. */
  finalize(lag: number, isHeld: (block: Block) => boolean): Block[] {
    const ripe = this.#chain.slice(this.#chain.indexOf(this.#finalized) + 1, Math.max(0, this.#chain.length - lag));
    const held = ripe.findIndex(isHeld);
    const fresh = held < 0 ? ripe : ripe.slice(0, held);
    this.#finalized = fresh.at(-1) ?? this.#finalized;
    return fresh;
  }

  /** An entry as it was after a block; `"discarded"` when the block is too old, dropped or unknown. */
  read<K extends readonly unknown[], V, D>(
    store: Store,
    item: StorageItem<K, V, D>,
    key: K,
    hash: string,
  ): { readonly value: V | D } | "discarded" {
    const block = this.#byHash.get(hash);
    if (block && item.id === System.storage.Events.id) return { value: block.events as unknown as V };
    const later = this.#after(block);
    if (!later) return "discarded";
    const text = textOf(key);
    for (const { changes } of later) {
      const change = changes.get(item.id)?.get(text);
      if (change) return { value: change.before === undefined ? item.fallback : (change.before as V) };
    }
    return { value: store.get(item, ...key) };
  }

  /** Keys of the entries an item had after a block. */
  keys<K extends readonly unknown[], V, D>(store: Store, item: StorageItem<K, V, D>, hash: string): K[] | "discarded" {
    const later = this.#after(this.#byHash.get(hash));
    if (!later) return "discarded";
    const present = new Map(store.entries(item).map(({ key }) => [textOf(key), key]));
    for (const { changes } of later.toReversed()) {
      for (const { text, key, before } of changes.get(item.id)?.values() ?? []) {
        if (before === undefined) present.delete(text);
        else present.set(text, key as unknown as K);
      }
    }
    return [...present.values()];
  }

  #after(block: Block | undefined): Block[] | undefined {
    const index = block ? this.#chain.lastIndexOf(block) : -1;
    return index < 0 ? undefined : this.#chain.slice(index + 1);
  }

  #index(block: Block): void {
    this.#byHash.set(block.hash, block);
    this.#byNumber.set(block.header.number, block);
  }

  #forget(block: Block | undefined): void {
    if (!block || block === this.genesis) return;
    this.#byHash.delete(block.hash);
    this.#byNumber.delete(block.header.number);
  }
}
