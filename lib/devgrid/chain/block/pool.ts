import { BLOCK_WEIGHT, MAX_NORMAL_LENGTH } from "../pallets/system";
import { poolFull, priorityTooLow } from "./refusal";
import type { ValidExtrinsic } from "./validity";

/** What a watcher of an extrinsic is told; hashes are 64 hex digits. */
export type ExtrinsicStatus =
  | "future"
  | "ready"
  | "dropped"
  | "invalid"
  | { readonly kind: "inBlock" | "retracted" | "finalized" | "usurped"; readonly hash: string };

/** Is told what becomes of an extrinsic. */
export type Watcher = (status: ExtrinsicStatus) => void;

/** What can go wrong with an extrinsic. */
export const EXTRINSIC_FAULTS = [
  /** It is refused as banned, and so are these very bytes for half an hour. */
  "ban",
  /** It is refused as outdated: somebody with the same key has just used its nonce. */
  "stale",
  /** The nonce before it is missing: the client that took it was promised a place, and the pool lost it. */
  "future",
  /** It is taken, and dropped for want of room. */
  "drop",
  /** It is taken, and found invalid later. */
  "invalid",
  /** Somebody with the same key takes its place. */
  "usurp",
  /** Five blocks pass it over. */
  "delay",
  /** All blocks pass it over. */
  "never",
  /** The block that holds it is dropped; the next one holds it, and makes contracts under other numbers. */
  "retract",
  /** The block that holds it is dropped, and the pool has lost it. */
  "forget",
  /** As `retract`, but the dropped block refused its calls and the next one accepts them. */
  "waver",
  /** As `retract`, but the dropped block accepted its calls and the next one refuses them. */
  "undo",
] as const;

/** What is to go wrong with an extrinsic. */
export type ExtrinsicFault = (typeof EXTRINSIC_FAULTS)[number];

/** An extrinsic that waits for a block. */
export interface PoolEntry {
  /** The extrinsic and what its check found. */
  readonly valid: ValidExtrinsic;
  /** Is told what becomes of it. */
  readonly watcher: Watcher;
  /** Who will read the events of its block. */
  readonly reader: object | undefined;
  /** What is to go wrong with it. */
  fault: ExtrinsicFault | undefined;
  /** Blocks before this number pass it over. */
  notBefore: number;
  /** The calls are refused in the block that takes it. */
  isRefused: boolean;
  /** True once nothing but a block is missing. */
  isReady: boolean;
}

/** Most extrinsics that wait at one time. @source substrate transaction pool defaults */
const LIMIT = 8192;

/** Extrinsics on their way into a block, per account in the order of their nonces. */
export class TransactionPool {
  readonly #byHash = new Map<string, PoolEntry>();
  readonly #byAccount = new Map<string, Map<number, PoolEntry>>();

  /** True when this very extrinsic waits. */
  has(hash: string): boolean {
    return this.#byHash.has(hash);
  }

  /** Everything that waits, oldest first. */
  list(): PoolEntry[] {
    return [...this.#byHash.values()];
  }

  /** Takes an extrinsic in; one with the same nonce makes way when it is worth less. @throws {RpcRefusal} 1014 1016 */
  add(entry: PoolEntry): void {
    const { account, extrinsic, signed } = entry.valid;
    const rival = this.#byAccount.get(account)?.get(signed.nonce);
    if (rival) this.#replace(rival, entry);
    else if (this.#byHash.size >= LIMIT) throw poolFull();
    this.#byHash.set(extrinsic.hash, entry);
    this.#ofAccount(account).set(signed.nonce, entry);
  }

  /** Takes an extrinsic out. */
  remove(entry: PoolEntry): void {
    const { account, extrinsic, signed } = entry.valid;
    this.#byHash.delete(extrinsic.hash);
    const ofAccount = this.#byAccount.get(account);
    if (ofAccount?.get(signed.nonce) === entry) ofAccount.delete(signed.nonce);
    if (ofAccount?.size === 0) this.#byAccount.delete(account);
  }

  /** The nonce after those that wait without a gap. */
  nextNonce(account: string, nonce: number): number {
    const waiting = this.#byAccount.get(account);
    let next = nonce;
    while (waiting?.has(next)) next += 1;
    return next;
  }

  /** Tells those whose turn can come that they are ready, once. */
  promote(account: string, nonce: number): void {
    const waiting = this.#byAccount.get(account);
    for (let next = nonce; ; next++) {
      const entry = waiting?.get(next);
      if (!entry) return;
      if (entry.isReady) continue;
      entry.isReady = true;
      entry.watcher("ready");
    }
  }

  #replace(rival: PoolEntry, entry: PoolEntry): void {
    const pooled = priorityOf(rival.valid);
    const given = priorityOf(entry.valid);
    if (given <= pooled) throw priorityTooLow(pooled, given);
    this.remove(rival);
    rival.watcher({ kind: "usurped", hash: entry.valid.extrinsic.hash });
  }

  #ofAccount(account: string): Map<number, PoolEntry> {
    const entries = this.#byAccount.get(account) ?? new Map<number, PoolEntry>();
    this.#byAccount.set(account, entries);
    return entries;
  }
}

/** Worth of an extrinsic to the pool: its tip, per share of a block. @source substrate pallet-transaction-payment */
function priorityOf({ extrinsic, signed, weight }: ValidExtrinsic): bigint {
  const byWeight = BigInt(Math.floor(BLOCK_WEIGHT.maxNormalTotal / Math.max(1, weight)));
  const byLength = BigInt(Math.floor(MAX_NORMAL_LENGTH / extrinsic.bytes.length));
  return (signed.tip + 1n) * (byWeight < byLength ? byWeight : byLength);
}
