import type { Pallet } from "../pallets/pallet";
import type { dispatchError } from "../pallets/system-types";
import type { TypeOf } from "../scale/codec";

/** Why a call failed, as events and fee receipts tell it. */
export type DispatchError = TypeOf<typeof dispatchError>;

/** A call that the runtime refuses after the extrinsic was accepted: it costs the fee and changes nothing else. */
export class DispatchFailure extends Error {
  readonly error: DispatchError;

  constructor(error: DispatchError, text: string) {
    super(text);
    this.name = "DispatchFailure";
    this.error = error;
  }
}

/** Fails the call with an error of a pallet. */
export function raise<P extends Pallet>(pallet: P, name: P["errors"][number]): never {
  const error = `${String.fromCharCode(pallet.errors.indexOf(name))}\0\0\0`;
  throw new DispatchFailure({ kind: "Module", value: { index: pallet.index, error } }, `${pallet.name}.${name}`);
}

/** Fails the call with an error of the runtime itself. */
export function raiseError(error: DispatchError): never {
  throw new DispatchFailure(error, error.kind);
}

/** The value, or the pallet's error when there is none. */
export function required<T, P extends Pallet>(value: T | undefined, pallet: P, name: P["errors"][number]): T {
  return value === undefined ? raise(pallet, name) : value;
}
