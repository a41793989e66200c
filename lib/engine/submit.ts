import { withDeadline } from "../core/backoff";
import type { CallResult, ContractCall } from "../model/call";
import type { EngineContext } from "./context";

/** How long calls are followed after the user interrupted: two blocks and some more. */
const LINGER_MS = 20_000;

/** More than a client gives a block to become final. */
const FINAL_MS = 600_000;

/**
 * Sends calls and follows them into a block, also when the user interrupts meanwhile: what has a contract has to get
 * into state, or nothing would end it.
 *
 * @throws the signal's reason when interrupted before anything was sent, or when no block came in time after that
 */
export async function submit(context: EngineContext, calls: readonly ContractCall[]): Promise<CallResult[]> {
  const { chain, clock, signal } = context;
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
    return await chain.submit(calls, lingering.signal);
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
