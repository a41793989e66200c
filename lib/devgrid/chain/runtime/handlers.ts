import type { Pallet } from "../pallets/pallet";
import type { RuntimeCall } from "../pallets/runtime";
import type { ValuesOf } from "../scale/composites";
import { DispatchFailure, raiseError } from "./failure";
import type { RuntimeState } from "./state";

/** Who calls. */
export interface Origin {
  /** 64 hex digits. */
  readonly account: string;
  /** True inside a batch_all, where another one is filtered. */
  readonly isInsideBatchAll: boolean;
}

/** Runs a call; `"free"` gives the fee back. */
export type Handler<A> = (state: RuntimeState, account: string, args: A, origin: Origin) => unknown;

/** Handlers of a pallet's calls, by the names in its description. A call without one is refused with BadOrigin. */
export type Handlers<P extends Pallet> = {
  readonly [N in keyof P["calls"]]?: Handler<ValuesOf<P["calls"][N]["args"]>>;
};

/** Handlers of every pallet. */
export type HandlerTable = { readonly [pallet: string]: { readonly [call: string]: Handler<never> | undefined } };

/** Runs a call with everything it changes, or nothing; true when it is free. @throws {DispatchFailure} */
export type Dispatch = (state: RuntimeState, origin: Origin, call: RuntimeCall) => boolean;

/** Pallets whose calls another block can judge differently. */
const REFUSABLE: ReadonlySet<string> = new Set(["SmartContractModule", "TFKVStore"]);

/** Makes the one function that runs any call of the table. */
export function dispatcher(table: HandlerTable): Dispatch {
  return (state, origin, call) => {
    const handler = table[call.pallet]?.[call.name];
    if (!handler) raiseError({ kind: "BadOrigin" });
    if (state.isRefusing && REFUSABLE.has(call.pallet)) raiseError({ kind: "Unavailable" });
    return state.transact(() => handler(state, origin.account, call.args as never, origin) === "free");
  };
}

/** Runs work and gives its failure instead of throwing it; anything but a refused call still throws. */
export function failureOf(work: () => void): DispatchFailure | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof DispatchFailure) return error;
    throw error;
  }
}
