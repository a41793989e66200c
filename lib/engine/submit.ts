import { withDeadline } from "../core/backoff";
import { type GridError, hasCode } from "../core/errors";
import type { CallResult, ContractCall } from "../model/call";
import type { EngineContext } from "./context";

/** How long calls are followed after the user interrupted: two blocks and some more. */
const LINGER_MS = 20_000;

/** More than a client gives a block to become final. */
const FINAL_MS = 600_000;

/**
 * Does work that will send calls before long: calls of others wait for the first of them, within limits, so that a wave
 * travels in one extrinsic although some of it takes longer to find out what to send.
 */
export async function announced<T>(context: EngineContext, work: (context: EngineContext) => Promise<T>): Promise<T> {
  const arrived = context.chain.announce();
  try {
    return await work({ ...context, arrived });
  } finally {
    arrived();
  }
}

/** Puts calls into the account's queue. @param signal stops the wait for their block. @default nothing does */
export function enqueue(
  { chain, arrived }: EngineContext,
  calls: readonly ContractCall[],
  signal?: AbortSignal,
): Promise<CallResult[]> {
  const results = chain.submit(calls, signal);
  arrived?.();
  return results;
}

/**
 * Sends calls and follows them into a block, also when the user interrupts meanwhile: what has a contract has to get
 * into state, or nothing would end it.
 *
 * @throws the signal's reason when interrupted before anything was sent, or when no block came in time after that
 */
export async function submit(context: EngineContext, calls: readonly ContractCall[]): Promise<CallResult[]> {
  const { clock, signal } = context;
  signal.throwIfAborted();
  const lingering = new AbortController();
  const settled = new AbortController();
  const linger = () => {
    clock.sleep(LINGER_MS, settled.signal).then(
      () => lingering.abort(signal.reason),
      () => undefined, // Settled: nobody waits any more.
    );
  };
  signal.addEventListener("abort", linger, { once: true });
  try {
    return await enqueue(context, calls, lingering.signal);
  } finally {
    signal.removeEventListener("abort", linger);
    settled.abort();
  }
}

/**
 * Waits until the block that holds a call is final.
 *
 * @param finalized as the chain client gives it with the call's result
 * @throws {GridError} TFG_CHAIN_REORG, TFG_CHAIN_NOT_FINAL
 */
export async function untilFinal({ signal }: EngineContext, finalized: CallResult["finalized"]): Promise<void> {
  const onTimeout = () => new Error("unreachable: the client gives up on a block before this");
  await withDeadline(finalized, { ms: FINAL_MS, signal, onTimeout });
}

/**
 * Waits until what a call did lasts. Undefined when it does; the reason when its block was dropped and what stands now is
 * something else, or nothing. An interruption ends the wait, and so does finality that stands still: the next run looks again.
 *
 * @param title the user's word for what was made or ended
 */
export async function whyDropped(
  context: EngineContext,
  title: string,
  finalized: CallResult["finalized"],
): Promise<GridError | undefined> {
  try {
    await untilFinal(context, finalized);
    return undefined;
  } catch (error) {
    if (context.signal.aborted) return undefined;
    if (hasCode(error, "TFG_CHAIN_REORG")) return error;
    if (!hasCode(error, "TFG_CHAIN_NOT_FINAL")) throw error;
    context.warn(`${title}: not final yet`, error.message);
    return undefined;
  }
}

/** Blocks that may be dropped, one after the other, with what calls did in them, before that is an error. */
export const MAX_DROPS = 3;

/**
 * Sends calls that may be made twice, and waits until what they did lasts; when their block was dropped and no other did it,
 * they are sent again.
 *
 * @throws {GridError} TFG_CHAIN_REORG when that goes on
 */
export async function submitForGood(
  context: EngineContext,
  title: string,
  calls: readonly ContractCall[],
): Promise<void> {
  for (let drops = 1; ; drops++) {
    const [result] = await submit(context, calls);
    const reason = result && (await whyDropped(context, title, result.finalized));
    if (reason === undefined) return;
    if (drops >= MAX_DROPS) throw reason;
    context.log("info", "sent again: the block was dropped", { for: title });
  }
}
