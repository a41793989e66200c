import type { StorageItem } from "../pallets/storage-item";

interface Entry {
  readonly key: readonly unknown[];
  readonly value: unknown;
}

interface Change {
  readonly item: string;
  readonly text: string;
  readonly key: readonly unknown[];
  /** Undefined when the entry did not exist. */
  readonly before: unknown;
}

/** What a block changed: for every entry touched, its value before. Undoes the block and answers historic reads. */
export type BlockChanges = ReadonlyMap<string, ReadonlyMap<string, Change>>;

/**
 * The chain's storage as typed values. Values are never changed in place: a new one is set. Every change is journalled,
 * so that a failed call leaves nothing behind and a block can be undone.
 */
export class Store {
  readonly #items = new Map<string, Map<string, Entry>>();
  #journal: Change[] = [];

  /** An entry's value, or what the item reads as when there is none. */
  get<K extends readonly unknown[], V, D>(item: StorageItem<K, V, D>, ...key: K): V | D {
    const entry = this.#items.get(item.id)?.get(textOf(key));
    return entry === undefined ? item.fallback : (entry.value as V);
  }

  /** Sets an entry. */
  set<K extends readonly unknown[], V, D>(item: StorageItem<K, V, D>, value: V, ...key: K): void {
    this.#write(item.id, key, value);
  }

  /** Removes an entry; removing an absent one is no change. */
  remove<K extends readonly unknown[], V, D>(item: StorageItem<K, V, D>, ...key: K): void {
    this.#write(item.id, key, undefined);
  }

  /** Every entry of an item, oldest first. */
  entries<K extends readonly unknown[], V, D>(item: StorageItem<K, V, D>): { key: K; value: V }[] {
    return [...(this.#items.get(item.id)?.values() ?? [])].map(({ key, value }) => ({
      key: key as unknown as K,
      value: value as V,
    }));
  }

  /** Runs work whose changes all stand, or, when it throws, all vanish. */
  transact<T>(work: () => T): T {
    const mark = this.#journal.length;
    try {
      return work();
    } catch (error) {
      for (const change of this.#journal.splice(mark).reverse()) this.#restore(change);
      throw error;
    }
  }

  /** Closes the journal of a block. */
  sealBlock(): BlockChanges {
    const changes = new Map<string, Map<string, Change>>();
    for (const change of this.#journal) {
      const ofItem = changes.get(change.item) ?? new Map<string, Change>();
      changes.set(change.item, ofItem);
      if (!ofItem.has(change.text)) ofItem.set(change.text, change);
    }
    this.#journal = [];
    return changes;
  }

  /** Undoes the latest block. Nothing may have been changed since it was sealed. */
  revert(changes: BlockChanges): void {
    for (const ofItem of changes.values()) for (const change of ofItem.values()) this.#restore(change);
  }

  #write(item: string, key: readonly unknown[], value: unknown): void {
    const text = textOf(key);
    const before = this.#items.get(item)?.get(text)?.value;
    if (before === value) return;
    this.#journal.push({ item, text, key, before });
    this.#put(item, text, key, value);
  }

  #restore({ item, text, key, before }: Change): void {
    this.#put(item, text, key, before);
  }

  #put(item: string, text: string, key: readonly unknown[], value: unknown): void {
    const entries = this.#items.get(item) ?? new Map<string, Entry>();
    this.#items.set(item, entries);
    if (value === undefined) entries.delete(text);
    else entries.set(text, { key, value });
  }
}

/** A key as text. The first part of a double key never holds a slash: it is a number or an account in hex. */
export function textOf(key: readonly unknown[]): string {
  return key.join("/");
}
