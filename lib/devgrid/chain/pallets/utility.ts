import type { AnyCodec, Codec } from "../scale/codec";
import { union, vec } from "../scale/composites";
import { u16, u32 } from "../scale/primitives";
import { call, definePallet } from "./pallet";
import { accountId, dispatchError, dispatchResult, weight } from "./system-types";

/** Most calls one batch may hold. @source tfchain spec 152 metadata, Utility.batched_calls_limit */
export const BATCHED_CALLS_LIMIT = 10_922;

const originCaller = union("tfchain_runtime::OriginCaller", {
  system: union("frame_support::dispatch::RawOrigin", { Root: null, Signed: accountId, None: null }),
});

/** Batches. `runtimeCall` is any call of the runtime, batches included. @source tfchain spec 152 metadata */
export function utilityPallet<C>(runtimeCall: Codec<C>) {
  const calls = { calls: vec(runtimeCall) };
  const one: AnyCodec = runtimeCall;
  return definePallet({
    index: 3,
    name: "Utility",
    crate: "pallet_utility",
    calls: {
      batch: call(0, calls),
      as_derivative: call(1, { index: u16, call: one }),
      batch_all: call(2, calls),
      dispatch_as: call(3, { as_origin: originCaller, call: one }),
      force_batch: call(4, calls),
      with_weight: call(5, { call: one, weight }),
    },
    events: {
      BatchInterrupted: { index: u32, error: dispatchError },
      BatchCompleted: [],
      BatchCompletedWithErrors: [],
      ItemCompleted: [],
      ItemFailed: { error: dispatchError },
      DispatchedAs: { result: dispatchResult },
    },
    errors: ["TooManyCalls"],
    storage: {},
    constants: { batched_calls_limit: { type: u32, value: BATCHED_CALLS_LIMIT } },
  });
}
