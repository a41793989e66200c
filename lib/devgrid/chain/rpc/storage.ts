import type { Block } from "../block/blocks";
import { pallets, System } from "../pallets/runtime";
import type { StorageItem } from "../pallets/storage-item";
import { encodeValue } from "../scale/codec";
import type { RpcContext } from "./handler";
import { badParams } from "./handler";

/** Hex digits of pallet and item in front of every storage key. */
const PREFIX_DIGITS = 64;

const byPrefix: ReadonlyMap<string, StorageItem> = new Map(
  pallets.flatMap(({ storage }) => Object.values(storage)).map((item) => [item.prefix, item]),
);

/** The raw value under a storage key after a block, as hex; null when there is none. */
export function readRaw({ chain, pace, connection }: RpcContext, storageKey: Buffer, block: Block): string | null {
  const hex = storageKey.toString("hex");
  const item = byPrefix.get(hex.slice(0, PREFIX_DIGITS));
  const key = item?.parseKey(storageKey.subarray(PREFIX_DIGITS / 2));
  if (!item || !key || item.storageKey(key) !== hex) return null;
  const value = chain.read(item, key, block);
  if (item.id === System.storage.Events.id) pace.eventsRead(block.hash, connection);
  // An absent entry and one that was set to the default read alike; clients treat them alike too.
  if (value === item.fallback) return null;
  return `0x${encodeValue(item.value, value).toString("hex")}`;
}

/** Storage keys that begin with a prefix, in order, after `start` when that is given. */
export function pageKeys(
  { chain }: RpcContext,
  prefix: Buffer,
  page: { readonly count: number; readonly start: string },
  block: Block,
): string[] {
  if (!Number.isInteger(page.count) || page.count < 1 || page.count > 1000) throw badParams("1 to 1000 keys a page");
  const hex = prefix.toString("hex");
  const found: string[] = [];
  for (const [itemPrefix, item] of byPrefix) {
    if (!itemPrefix.startsWith(hex) && !hex.startsWith(itemPrefix)) continue;
    const keys = chain.keys(item, block);
    found.push(...keys.map((key) => item.storageKey(key)).filter((key) => key.startsWith(hex)));
  }
  const wanted = found.filter((key) => key > page.start).sort();
  return wanted.slice(0, page.count).map((key) => `0x${key}`);
}
