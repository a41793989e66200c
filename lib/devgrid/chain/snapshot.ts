import { GridError, messageOf } from "../../core/errors";
import type { Header } from "./block/header";
import { hashHeader } from "./block/header";
import { pallets, System } from "./pallets/runtime";
import type { StorageItem } from "./pallets/storage-item";
import { Internal } from "./runtime/internal";
import type { RuntimeState } from "./runtime/state";
import { encodeValue } from "./scale/codec";

/** A chain as JSON: everything a restart needs. Amounts of money are `{ units: "…" }`. */
export interface ChainSnapshot {
  readonly version: 1;
  readonly genesis: Header;
  readonly head: Header;
  /** Milliseconds the chain is ahead of the clock. */
  readonly offsetMs: number;
  /** Entries by item, each its key and its value. */
  readonly storage: { readonly [item: string]: readonly (readonly [key: readonly unknown[], value: unknown])[] };
}

/** Block hashes worth keeping: as far back as signed eras reach. */
const KEPT_HASHES = 256;

const items: ReadonlyMap<string, StorageItem> = new Map(
  [...pallets.flatMap(({ storage }) => Object.values(storage)), ...Object.values(Internal)].map((item) => [
    item.id,
    item,
  ]),
);

/** Writes the storage down. */
export function dumpStorage(state: RuntimeState): ChainSnapshot["storage"] {
  const dumped: { [item: string]: [readonly unknown[], unknown][] } = {};
  for (const [id, item] of items) {
    if (id === System.storage.Events.id) continue;
    const entries = state.store.entries(item);
    const kept = id === System.storage.BlockHash.id ? entries.slice(-KEPT_HASHES) : entries;
    if (kept.length > 0) dumped[id] = kept.map(({ key, value }) => [key, tagMoney(value)]);
  }
  return dumped;
}

/** Reads the storage back; every value is checked against its type. @throws {GridError} TFG_DEVGRID_STATE */
export function loadStorage(state: RuntimeState, snapshot: ChainSnapshot): void {
  try {
    if (snapshot.version !== 1) throw new Error(`version ${String(snapshot.version)}`);
    for (const [id, entries] of Object.entries(snapshot.storage)) loadItem(state, id, entries);
    hashHeader(snapshot.genesis);
    hashHeader(snapshot.head);
  } catch (error) {
    throw unreadable(error);
  }
}

function loadItem(state: RuntimeState, id: string, entries: ChainSnapshot["storage"][string]): void {
  const item = items.get(id);
  if (!item) throw new Error(`${id} is no storage item`);
  for (const [key, value] of entries) {
    const untagged = untagMoney(value);
    encodeValue(item.value, untagged);
    item.storageKey(key);
    state.set(item, untagged, ...key);
  }
}

function tagMoney(value: unknown): unknown {
  if (typeof value === "bigint") return { units: value.toString() };
  if (Array.isArray(value)) return value.map(tagMoney);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, tagMoney(inner)]));
}

function untagMoney(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untagMoney);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "units") return BigInt(String(only[1]));
  return Object.fromEntries(entries.map(([name, inner]) => [name, untagMoney(inner)]));
}

function unreadable(cause: unknown): GridError {
  return new GridError({
    code: "TFG_DEVGRID_STATE",
    summary: "The state of this devgrid cannot be read.",
    facts: { reason: messageOf(cause) },
    standing: "Nothing was started.",
    remedy: "delete the state file to start with a fresh devgrid; what ran in the old one is gone with it.",
    cause,
  });
}
