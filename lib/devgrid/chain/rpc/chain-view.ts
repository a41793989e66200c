import type { Block } from "../block/blocks";
import type { BlockListener, ChainCore } from "../block/chain-core";
import type { ExtrinsicStatus, Watcher } from "../block/pool";
import { RpcRefusal } from "../block/refusal";
import { System } from "../pallets/runtime";
import type { StorageItem } from "../pallets/storage-item";

/** Blocks behind from which on a node takes no transactions from others. @source substrate sc-network-sync MAJOR_SYNC_BLOCKS */
const MAJOR_SYNC_BLOCKS = 5;

/**
 * The chain as one node of it sees it, which may be some blocks behind the others: head, storage and news are as old as
 * that. What is handed in there reaches the others all the same, as nodes pass transactions on.
 */
export class ChainView {
  readonly #core: ChainCore;
  readonly #listeners = new Set<BlockListener>();
  /** News of extrinsics about blocks that this node has not seen, per watcher. */
  readonly #untold = new Map<Watcher, ExtrinsicStatus[]>();
  #lag = 0;
  #head: Block;
  #finalized: Block;

  /** @param lag blocks behind */
  constructor(core: ChainCore, lag = 0) {
    this.#core = core;
    this.#lag = lag;
    this.#head = this.#behind(core.blocks.head);
    this.#finalized = this.#behind(core.blocks.finalized);
    core.listen({ head: () => this.#follow(), finalized: () => this.#finalize() });
  }

  /** So many blocks behind from now on. A node never goes back: to fall behind it stands still for a while. */
  setLag(lag: number): void {
    this.#lag = lag;
    this.#follow();
    this.#finalize();
  }

  /** The latest block it knows. */
  get head(): Block {
    return this.#head;
  }

  /** The latest block it knows to be final. */
  get finalized(): Block {
    return this.#finalized;
  }

  /** Extrinsics that wait for a block, as bytes. */
  get pending(): readonly Buffer[] {
    return this.#core.pool.list().map(({ valid }) => valid.extrinsic.bytes);
  }

  /** A block by hash; undefined when this node has not seen it. */
  find(hash: string): Block | undefined {
    return this.#seen(this.#core.blocks.find(hash));
  }

  /** A block of the chain by number. */
  findByNumber(number: number): Block | undefined {
    return this.#seen(this.#core.blocks.findByNumber(number));
  }

  /** An entry as it was after a block. @throws {RpcRefusal} 4003 when the block is too old or was dropped */
  read<K extends readonly unknown[], V, D>(item: StorageItem<K, V, D>, key: K, block: Block): V | D {
    const read = this.#core.blocks.read(this.#core.state.store, item, key, block.hash);
    if (read === "discarded") throw discarded(block);
    return read.value;
  }

  /** Keys of the entries an item had after a block. @throws {RpcRefusal} 4003 */
  keys<K extends readonly unknown[], V, D>(item: StorageItem<K, V, D>, block: Block): K[] {
    const keys = this.#core.blocks.keys(this.#core.state.store, item, block.hash);
    if (keys === "discarded") throw discarded(block);
    return keys;
  }

  /** How many extrinsics of an account are in blocks. */
  nonceOf(account: string): number {
    return this.read(System.storage.Account, [account], this.#head).nonce;
  }

  /** The nonce after those that wait. What is in a block that this node has not seen waits here, unless it is far behind. */
  nextNonce(account: string): number {
    const { blocks } = this.#core;
    const isFarBehind = blocks.head.header.number - this.#head.header.number > MAJOR_SYNC_BLOCKS;
    return isFarBehind ? this.nonceOf(account) : this.#core.nextNonce(account);
  }

  /**
   * Takes an extrinsic in; gives its hash.
   *
   * @throws {RpcRefusal} 1010 to 1016
   */
  submit(bytes: Buffer, watcher: Watcher, reader?: object): string {
    const told: Watcher = (status) => this.#tell(watcher, status);
    // Finality does not wait for who learns of the block only later.
    return this.#core.submit(bytes, told, this.#lag === 0 ? reader : undefined);
  }

  /** Tells of blocks, as this node sees them, until the function given back is called. */
  listen(listener: BlockListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #seen(block: Block | undefined): Block | undefined {
    return block && block.header.number <= this.#head.header.number ? block : undefined;
  }

  #behind(block: Block): Block {
    const { blocks } = this.#core;
    let seen = block;
    for (let steps = this.#lag; steps > 0; steps--) {
      const parent = blocks.find(seen.header.parentHash);
      if (!parent) return seen;
      seen = parent;
    }
    return seen;
  }

  #follow(): void {
    const target = this.#behind(this.#core.blocks.head);
    const fresh = this.#path(this.#head, target);
    for (const block of fresh) {
      this.#head = block;
      for (const listener of this.#listeners) listener.head?.(block);
    }
    if (fresh.length > 0) this.#tellRest();
  }

  #finalize(): void {
    for (const block of this.#path(this.#finalized, this.#behind(this.#core.blocks.finalized))) {
      this.#finalized = block;
      for (const listener of this.#listeners) listener.finalized?.(block);
    }
    this.#tellRest();
  }

  /** Blocks after one up to another, oldest first; in place of a dropped one those of its number. Nothing when it is no step ahead. */
  #path(from: Block, to: Block): Block[] {
    const { blocks } = this.#core;
    const isDropped = blocks.findByNumber(from.header.number)?.hash !== from.hash;
    const least = isDropped ? from.header.number : from.header.number + 1;
    const path: Block[] = [];
    for (let block: Block | undefined = to; block && block.header.number >= least; ) {
      path.push(block);
      block = blocks.find(block.header.parentHash);
    }
    return path.reverse();
  }

  /** In order, and not before this node has seen the block that it is about. */
  #tell(watcher: Watcher, status: ExtrinsicStatus): void {
    const untold = this.#untold.get(watcher) ?? [];
    this.#untold.set(watcher, [...untold, status]);
    this.#tellSeen(watcher);
  }

  #tellRest(): void {
    for (const watcher of [...this.#untold.keys()]) this.#tellSeen(watcher);
  }

  #tellSeen(watcher: Watcher): void {
    const untold = this.#untold.get(watcher) ?? [];
    const unseen = untold.findIndex((status) => !this.#isSeen(status));
    const count = unseen < 0 ? untold.length : unseen;
    if (count === untold.length) this.#untold.delete(watcher);
    else this.#untold.set(watcher, untold.slice(count));
    for (const status of untold.slice(0, count)) watcher(status);
  }

  #isSeen(status: ExtrinsicStatus): boolean {
    if (typeof status === "string" || status.kind === "usurped") return true;
    const block = this.#core.blocks.find(status.hash);
    if (status.kind !== "finalized") return !block || this.#seen(block) !== undefined;
    return !block || block.header.number <= this.#finalized.header.number;
  }
}

function discarded({ hash }: Block): RpcRefusal {
  return new RpcRefusal(4003, `Client error: UnknownBlock: State already discarded for 0x${hash}`);
}
