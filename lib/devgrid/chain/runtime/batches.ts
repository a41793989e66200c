import type { RuntimeCall } from "../pallets/runtime";
import { System, Utility } from "../pallets/runtime";
import { BATCHED_CALLS_LIMIT } from "../pallets/utility";
import { raise } from "./failure";
import type { Dispatch, Handlers, Origin } from "./handlers";
import { failureOf } from "./handlers";
import type { RuntimeState } from "./state";

type Calls = { readonly calls: readonly RuntimeCall[] };

/** The three batches. @source tfchain runtime 144, observed */
export function batchHandlers(dispatch: Dispatch): Handlers<typeof Utility> {
  return {
    batch: (state, _account, { calls }: Calls, origin) => {
      checkCount(calls);
      for (const [index, call] of calls.entries()) {
        const failure = failureOf(() => dispatch(state, origin, call));
        if (failure) {
          state.emit(Utility, "BatchInterrupted", { index, error: failure.error });
          return;
        }
        state.emit(Utility, "ItemCompleted", []);
      }
      state.emit(Utility, "BatchCompleted", []);
    },
    batch_all: (state, account, { calls }: Calls, origin) => {
      if (origin.isInsideBatchAll) raise(System, "CallFiltered");
      checkCount(calls);
      for (const call of calls) {
        dispatch(state, { account, isInsideBatchAll: true }, call);
        state.emit(Utility, "ItemCompleted", []);
      }
      state.emit(Utility, "BatchCompleted", []);
    },
    force_batch: (state, _account, { calls }: Calls, origin) => {
      checkCount(calls);
      const failures = calls.map((call) => runItem(dispatch, state, origin, call));
      state.emit(Utility, failures.includes(true) ? "BatchCompletedWithErrors" : "BatchCompleted", []);
    },
  };
}

function runItem(dispatch: Dispatch, state: RuntimeState, origin: Origin, call: RuntimeCall): boolean {
  const failure = failureOf(() => dispatch(state, origin, call));
  if (failure) state.emit(Utility, "ItemFailed", { error: failure.error });
  else state.emit(Utility, "ItemCompleted", []);
  return failure !== undefined;
}

function checkCount(calls: readonly RuntimeCall[]): void {
  if (calls.length > BATCHED_CALLS_LIMIT) raise(Utility, "TooManyCalls");
}
