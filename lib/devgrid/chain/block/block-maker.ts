import { messageOf } from "../../../core/errors";
import type { Log } from "../../../core/log";
import { System, Timestamp } from "../pallets/runtime";
import { BLOCK_HASH_COUNT, BLOCK_WEIGHT, MAX_NORMAL_LENGTH } from "../pallets/system";
import { billDueContracts } from "../runtime/contracts/billing";
import type { RuntimeState } from "../runtime/state";
import { applyExtrinsic, finish } from "./apply";
import type { Block, Blocks } from "./blocks";
import { blake2Hex, timestampExtrinsic } from "./extrinsic";
import type { Header } from "./header";
import { hashHeader, slotLog } from "./header";
import type { PoolEntry } from "./pool";
import { canPay, isOrphaned } from "./validity";

/** Picoseconds the time-setting extrinsic is charged for. */
const TIMESTAMP_WEIGHT = 150_000_000;

/** What goes into a block. */
export interface BlockOrder {
  /** Its number; gaps are how time travels. */
  readonly number: number;
  /** Chain time, Unix milliseconds. */
  readonly nowMs: number;
  /** Changes from outside the chain, made before anything else. They do not throw. */
  readonly edits: readonly ((state: RuntimeState) => void)[];
  /** Extrinsics in the order to try them. */
  readonly entries: readonly PoolEntry[];
}

/** A block and what became of the extrinsics tried. */
export interface MadeBlock {
  readonly block: Block;
  readonly included: readonly PoolEntry[];
  /** Can never be included any more. */
  readonly invalid: readonly PoolEntry[];
}

/** Makes the block after the head. */
export function makeBlock(state: RuntimeState, blocks: Blocks, order: BlockOrder, log: Log): MadeBlock {
  const parent = blocks.head;
  openBlock(state, parent, order);
  for (const edit of order.edits) edit(state);
  billDueContracts(state, parent.header.number, order.number);
  state.phase = { kind: "ApplyExtrinsic", value: 0 };
  finish(state, { weight: TIMESTAMP_WEIGHT, isFree: false, class: "Mandatory" });
  const { included, invalid } = applyAll(state, order.entries, log);
  const events = state.takeEvents();
  state.set(System.storage.Events, events);
  state.set(System.storage.EventCount, events.length);
  const extrinsics = [timestampExtrinsic(order.nowMs), ...included.map(({ valid }) => valid.extrinsic.bytes)];
  const changes = state.store.sealBlock();
  const header = headerOf(parent, order, extrinsics);
  const block = { hash: hashHeader(header), header, extrinsics, events, changes, notes: state.takeNotes() };
  blocks.append(block);
  state.phase = { kind: "Initialization" };
  // Belongs to the next block, which is what extrinsics are checked against from now on.
  state.set(System.storage.BlockHash, block.hash, order.number);
  return { block, included, invalid };
}

/** Undoes the head. */
export function unmakeHead(state: RuntimeState, blocks: Blocks): Block | undefined {
  const dropped = blocks.dropHead();
  if (!dropped) return undefined;
  state.store.revert(state.store.sealBlock());
  state.store.revert(dropped.changes);
  // What the undoing itself journalled is no change of the next block.
  state.store.sealBlock();
  state.blockNumber = state.get(System.storage.Number);
  state.nowMs = state.get(Timestamp.storage.Now);
  // Went with the changes of the block after it.
  state.set(System.storage.BlockHash, blocks.head.hash, state.blockNumber);
  return dropped;
}

function openBlock(state: RuntimeState, parent: Block, { number, nowMs }: BlockOrder): void {
  state.blockNumber = number;
  state.nowMs = nowMs;
  state.set(System.storage.Number, number);
  state.set(System.storage.ParentHash, parent.hash);
  state.set(Timestamp.storage.Now, nowMs);
  for (const { key } of state.store.entries(System.storage.BlockHash)) {
    if (key[0] >= number - BLOCK_HASH_COUNT) break;
    state.remove(System.storage.BlockHash, ...key);
  }
}

function applyAll(
  state: RuntimeState,
  entries: readonly PoolEntry[],
  log: Log,
): { included: PoolEntry[]; invalid: PoolEntry[] } {
  const included: PoolEntry[] = [];
  const invalid: PoolEntry[] = [];
  let weight = 0;
  let length = 0;
  for (const entry of entries) {
    const { valid } = entry;
    const { nonce } = state.get(System.storage.Account, valid.account);
    if (valid.signed.nonce > nonce) continue;
    if (
      valid.signed.nonce < nonce ||
      state.blockNumber >= valid.deathBlock ||
      isOrphaned(state, valid) ||
      !canPay(state, valid.account, valid.fee)
    ) {
      invalid.push(entry);
      continue;
    }
    const nextWeight = weight + valid.weight + BLOCK_WEIGHT.baseExtrinsic;
    const nextLength = length + valid.extrinsic.bytes.length;
    const isFull = nextWeight > BLOCK_WEIGHT.maxNormalTotal || nextLength > MAX_NORMAL_LENGTH;
    // What does not fit waits for the next block; a later, lighter one may still fit.
    if (isFull || state.blockNumber < entry.notBefore) continue;
    if (!tryApply(state, entry, included.length + 1, log)) {
      invalid.push(entry);
      continue;
    }
    included.push(entry);
    weight = nextWeight;
    length = nextLength;
  }
  return { included, invalid };
}

/** A fault of ours must not stop the chain: the extrinsic is dropped as invalid and the fault logged. */
function tryApply(state: RuntimeState, { valid, isRefused }: PoolEntry, index: number, log: Log): boolean {
  try {
    state.isRefusing = isRefused;
    state.transact(() => applyExtrinsic(state, valid, index));
    return true;
  } catch (error) {
    log("error", "devgrid chain could not run an extrinsic", { reason: messageOf(error) });
    return false;
  } finally {
    state.isRefusing = false;
  }
}

function headerOf(parent: Block, order: BlockOrder, extrinsics: readonly Buffer[]): Header {
  const extrinsicsRoot = blake2Hex(Buffer.concat(extrinsics));
  return {
    parentHash: parent.hash,
    number: order.number,
    stateRoot: blake2Hex(Buffer.from(`${parent.header.stateRoot}${extrinsicsRoot}`)),
    extrinsicsRoot,
    logs: [slotLog(order.nowMs)],
  };
}
