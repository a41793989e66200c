/**
 * When a batch closes and what it takes: the queue's decisions, apart from its I/O. A group is the calls of one
 * submit; groups are taken whole and in order.
 */

/** Calls in one extrinsic at most, as the official clients have it. @source tfgrid-sdk-ts tfchain_client, utility batch */
export const MAX_CALLS = 400;

/** A batch closes after this many quiet periods even when calls keep coming, or those announced do not. */
const MAX_QUIET_PERIODS = 10;

/** What decides when a batch closes; times in milliseconds of one clock. */
export interface OpenBatch {
  readonly firstAddedAt: number;
  readonly lastAddedAt: number;
  readonly calls: number;
  /** Whether calls were announced that have not come. */
  readonly isMoreExpected: boolean;
}

/**
 * The moment at which a batch closes, as things stand: a quiet period after its last call, at once when it is full. Those
 * that are expected are waited for, however quiet it is.
 */
export function batchClosesAt(batch: OpenBatch, quietMs: number): number {
  if (batch.calls >= MAX_CALLS) return batch.lastAddedAt;
  const latest = batch.firstAddedAt + MAX_QUIET_PERIODS * quietMs;
  return batch.isMoreExpected ? latest : Math.min(batch.lastAddedAt + quietMs, latest);
}

/** Splits groups, given by their number of calls, into extrinsics: how many groups each one takes. */
export function planBatches(groupSizes: readonly number[], maxCalls: number = MAX_CALLS): number[] {
  const batches: number[] = [];
  let groups = 0;
  let calls = 0;
  for (const size of groupSizes) {
    if (groups > 0 && calls + size > maxCalls) {
      batches.push(groups);
      groups = 0;
      calls = 0;
    }
    groups++;
    calls += size;
  }
  if (groups > 0) batches.push(groups);
  return batches;
}

/** Splits the groups of an extrinsic that is too heavy into about equal parts that are not. A lone group stays. */
export function splitByWeight(groups: number, weight: bigint, limit: bigint): number[] {
  if (weight <= limit || limit <= 0n) return [groups];
  const parts = Math.min(groups, Number((weight + limit - 1n) / limit));
  return Array.from({ length: parts }, (_, part) => {
    return Math.floor((groups * (part + 1)) / parts) - Math.floor((groups * part) / parts);
  });
}
