import type { Clock } from "../../../core/clock";
import { messageOf } from "../../../core/errors";
import type { Log } from "../../../core/log";
import { System } from "../pallets/runtime";
import type { RuntimeState } from "../runtime/state";
import { BanList } from "./ban-list";
import type { MadeBlock } from "./block-maker";
import { makeBlock, unmakeHead } from "./block-maker";
import type { Block, Blocks } from "./blocks";
import { decodeExtrinsic } from "./extrinsic";
import type { ExtrinsicFault, PoolEntry, Watcher } from "./pool";
import { TransactionPool } from "./pool";
import { alreadyImported, banned, invalid } from "./refusal";
import { undoing } from "./reorganisation";
import { ChainStats } from "./stats";
import { validate } from "./validity";

/** Milliseconds between blocks when none is asked for, and what a block number is worth in time travel. */
export const BLOCK_MS = 6000;

/** Blocks a head is ahead of what is final, when blocks come by the clock. */
const FINALITY_LAG = 2;

/** Blocks that pass over an extrinsic that is to be delayed. */
const DELAY_BLOCKS = 5;

/** Faults that drop the block an extrinsic is in. */
const DROPPING: ReadonlySet<ExtrinsicFault | undefined> = new Set(["retract", "forget", "waver", "undo"]);

/** A change made from outside the chain, by a control or by a service beside it. */
export type Edit = (state: RuntimeState) => void;

/** Is told of blocks: new heads as they are made, final ones in order. */
export interface BlockListener {
  /** A block was made. */
  head?(block: Block): void;
  /** A block cannot be dropped any more. */
  finalized?(block: Block): void;
}

/**
 * The chain without its transport: takes extrinsics, makes blocks, finalizes them and tells who listens.
 * Everything happens in the calls below; it owns no timer.
 */
export class ChainCore {
  /** Storage as of the head. */
  readonly state: RuntimeState;
  /** Blocks made so far. */
  readonly blocks: Blocks;
  /** Extrinsics that wait for a block. */
  readonly pool = new TransactionPool();
  /** What was done so far. */
  readonly stats = new ChainStats();
  /** Milliseconds the chain is ahead of the clock: time travelled so far. */
  offsetMs: number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #isInstant: boolean;
  readonly #listeners = new Set<BlockListener>();
  readonly #faults: ExtrinsicFault[] = [];
  readonly #bans: BanList;
  /** Extrinsics in blocks that are not final, by block hash. */
  readonly #unsettled = new Map<string, readonly PoolEntry[]>();
  /** Who has yet to read the events of a block, by block hash: finality waits for them, see `eventsRead`. */
  readonly #readers = new Map<string, Set<object>>();
  #edits: Edit[] = [];
  #isFinalityHeld = false;

  constructor(options: {
    state: RuntimeState;
    blocks: Blocks;
    clock: Clock;
    log: Log;
    isInstant: boolean;
    offsetMs: number;
  }) {
    this.state = options.state;
    this.blocks = options.blocks;
    this.offsetMs = options.offsetMs;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#isInstant = options.isInstant;
    this.#bans = new BanList(() => this.now());
  }

  /** True when another block would change more than the time. */
  get hasWork(): boolean {
    const isBusy = this.blocks.head.extrinsics.length > 1 && this.pool.list().some(({ isReady }) => isReady);
    return isBusy || this.#edits.length > 0;
  }

  /** True when the head is to be retracted: the next block replaces it. */
  get isHeadDoomed(): boolean {
    return this.#isDoomed(this.blocks.head);
  }

  /** Chain time as the next block would have it at the least, Unix milliseconds. */
  now(): number {
    return Math.max(this.#clock.now() + this.offsetMs, this.state.nowMs);
  }

  /** Tells of blocks until the function given back is called. */
  listen(listener: BlockListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets something go wrong with extrinsics still to come, one fault each, in this order. */
  failNext(faults: readonly ExtrinsicFault[]): void {
    this.#faults.push(...faults);
  }

  /** Lets finality stand still while blocks go on, or brings it up to them. */
  holdFinality(isHeld: boolean): void {
    this.#isFinalityHeld = isHeld;
    this.finalize();
  }

  /** The nonce that a client is told to use next. */
  nextNonce(account: string): number {
    const next = this.pool.nextNonce(account, this.state.get(System.storage.Account, account).nonce);
    if (this.#faults[0] !== "future") return next;
    this.#faults.shift();
    return next + 1;
  }

  /** Makes a change with the next block. */
  edit(edit: Edit): void {
    this.#edits.push(edit);
  }

  /**
   * Takes an extrinsic in; gives its hash.
   *
   * @param reader who will read the events of its block, if anybody watches
   * @throws {RpcRefusal} 1010 to 1016
   */
  submit(bytes: Buffer, watcher: Watcher, reader?: object): string {
    const extrinsic = decodeExtrinsic(bytes);
    if (this.#faults[0] === "ban") {
      this.#faults.shift();
      this.#bans.add(extrinsic.hash);
    }
    if (this.#bans.has(extrinsic.hash)) throw banned();
    if (this.pool.has(extrinsic.hash)) throw alreadyImported(extrinsic.hash);
    const valid = validate(this.state, this.blocks.genesis.hash, extrinsic);
    if (this.#faults[0] === "stale") {
      this.#faults.shift();
      this.#useUpNonce(valid.account);
      throw invalid("stale");
    }
    const entry: PoolEntry = {
      valid,
      watcher,
      reader,
      fault: undefined,
      notBefore: 0,
      isRefused: false,
      isReady: false,
    };
    this.pool.add(entry);
    // The one for a nonce to be lost is still waiting for somebody to ask for a nonce.
    if (this.#faults[0] !== "future") entry.fault = this.#faults.shift();
    const { nonce } = this.state.get(System.storage.Account, valid.account);
    this.pool.promote(valid.account, nonce);
    if (!entry.isReady) watcher("future");
    this.#applyPoolFault(entry);
    return extrinsic.hash;
  }

  /** Makes a block now, after undoing a head that is to be retracted. */
  produceBlock(): Block {
    if (this.isHeadDoomed) return this.reorganise(1);
    return this.#make(this.blocks.head.header.number + 1, this.#inOrder());
  }

  /**
   * Drops the newest blocks, those that are final excepted, for as many without their extrinsics, which come again with the
   * next one. Somebody else's contract takes a number in between, so that contracts come back under others.
   */
  reorganise(depth: number): Block {
    const dropped: Block[] = [];
    while (dropped.length < depth) {
      const block = unmakeHead(this.state, this.blocks);
      if (!block) break;
      dropped.unshift(block);
    }
    for (const { hash } of dropped) {
      for (const entry of this.#unsettled.get(hash) ?? []) this.#takeBack(entry, hash);
      this.#unsettled.delete(hash);
      this.#readers.delete(hash);
    }
    if (dropped.length > 0) this.edit(undoing(dropped));
    for (const { header } of dropped) this.#make(header.number, []);
    return this.blocks.head;
  }

  /** Moves the chain ahead in time, hour by hour so that bills come as they would; gives the last block. */
  travel(ms: number): Block {
    if (this.isHeadDoomed) this.reorganise(1);
    const target = this.now() + ms;
    const steps = Math.max(1, Math.ceil(ms / (600 * BLOCK_MS)));
    const firstNumber = this.blocks.head.header.number;
    const lastNumber = Math.max(firstNumber + steps, firstNumber + Math.round(ms / BLOCK_MS));
    const started = this.now();
    for (let step = 1; step <= steps; step++) {
      const at = started + Math.round((ms * step) / steps);
      this.offsetMs = at - this.#clock.now();
      const number = firstNumber + Math.round(((lastNumber - firstNumber) * step) / steps);
      this.#make(number, this.#inOrder());
    }
    this.offsetMs = target - this.#clock.now();
    return this.blocks.head;
  }

  /**
   * Finalizes what is due. An instant block is due once its watchers have read its events: clients drop the answer for
   * `inBlock` when `finalized` overtakes it, and some wait for `inBlock` only.
   */
  finalize(): void {
    if (this.#isFinalityHeld) return;
    const isHeld = (block: Block) => this.#readers.has(block.hash) || this.#isDoomed(block);
    for (const block of this.blocks.finalize(this.#isInstant ? 0 : FINALITY_LAG, isHeld)) {
      this.#tell((listener) => listener.finalized?.(block));
      for (const { watcher } of this.#unsettled.get(block.hash) ?? []) watcher({ kind: "finalized", hash: block.hash });
      this.#unsettled.delete(block.hash);
    }
  }

  /** Says that somebody has read the events of a block, or everybody when nobody is named; true when finality is due. */
  eventsRead(hash: string, reader?: object): boolean {
    const readers = this.#readers.get(hash);
    if (!readers) return false;
    if (reader) readers.delete(reader);
    if (reader && readers.size > 0) return false;
    return this.#readers.delete(hash);
  }

  #make(number: number, entries: readonly PoolEntry[]): Block {
    const nowMs = Math.max(this.#clock.now() + this.offsetMs, this.state.nowMs + 1);
    const edits = this.#edits;
    this.#edits = [];
    const made = makeBlock(this.state, this.blocks, { number, nowMs, edits, entries }, this.#log);
    this.#settle(made);
    return made.block;
  }

  #settle({ block, included, invalid }: MadeBlock): void {
    for (const entry of [...included, ...invalid]) {
      this.pool.remove(entry);
      this.#bans.add(entry.valid.extrinsic.hash);
    }
    this.stats.count(included.map(({ valid }) => valid.extrinsic.call));
    this.#unsettled.set(block.hash, included);
    const readers = new Set(included.flatMap(({ reader }) => reader ?? []));
    if (this.#isInstant && readers.size > 0) this.#readers.set(block.hash, readers);
    this.#tell((listener) => listener.head?.(block));
    for (const { watcher } of included) watcher({ kind: "inBlock", hash: block.hash });
    for (const { watcher } of invalid) watcher("invalid");
    for (const { valid } of this.pool.list()) {
      this.pool.promote(valid.account, this.state.get(System.storage.Account, valid.account).nonce);
    }
    this.finalize();
  }

  /** A listener that fails must neither stop the chain nor keep the others from hearing. */
  #tell(say: (listener: BlockListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        say(listener);
      } catch (error) {
        this.#log("error", "a listener of the devgrid chain failed", { reason: messageOf(error) });
      }
    }
  }

  #isDoomed(block: Block): boolean {
    return this.#unsettled.get(block.hash)?.some(({ fault }) => DROPPING.has(fault)) ?? false;
  }

  #inOrder(): PoolEntry[] {
    return this.pool.list().toSorted((one, other) => one.valid.signed.nonce - other.valid.signed.nonce);
  }

  /** An extrinsic of a dropped block waits for another one, unless it gets lost. */
  #takeBack(entry: PoolEntry, hash: string): void {
    const { fault } = entry;
    entry.isRefused = fault === "undo";
    entry.fault = undefined;
    entry.notBefore = 0;
    if (fault !== "forget") this.pool.add(entry);
    entry.watcher({ kind: "retracted", hash });
  }

  #applyPoolFault(entry: PoolEntry): void {
    const { fault } = entry;
    if (fault === "drop" || fault === "invalid") {
      this.#throwOut(entry);
      entry.watcher(fault === "drop" ? "dropped" : "invalid");
    } else if (fault === "usurp") {
      this.pool.remove(entry);
      this.#useUpNonce(entry.valid.account);
      entry.watcher({ kind: "usurped", hash: this.blocks.head.hash });
    } else if (fault === "delay") entry.notBefore = this.blocks.head.header.number + 1 + DELAY_BLOCKS;
    else if (fault === "never") entry.notBefore = Number.POSITIVE_INFINITY;
    else if (fault === "waver") entry.isRefused = true;
  }

  #throwOut(entry: PoolEntry): void {
    this.pool.remove(entry);
    this.#bans.add(entry.valid.extrinsic.hash);
  }

  /** Somebody with the same key was faster. */
  #useUpNonce(account: string): void {
    this.edit((state) => {
      const info = state.get(System.storage.Account, account);
      state.set(System.storage.Account, { ...info, nonce: info.nonce + 1 }, account);
    });
  }
}
