import { Balances, System, TransactionPayment } from "../pallets/runtime";
import { BLOCK_WEIGHT } from "../pallets/system";
import { dispatch } from "../runtime/dispatch";
import type { DispatchError } from "../runtime/failure";
import { failureOf } from "../runtime/handlers";
import { credit, debit } from "../runtime/money";
import type { RuntimeState } from "../runtime/state";
import type { ValidExtrinsic } from "./validity";

/** Gets the fees. */
export const BLOCK_AUTHOR = Buffer.from("devgrid block author account....").toString("hex");

/** Runs an extrinsic in the block being made; events come in the order observed on the real chain. */
export function applyExtrinsic(state: RuntimeState, valid: ValidExtrinsic, index: number): void {
  const { account, fee, signed, extrinsic } = valid;
  state.phase = { kind: "ApplyExtrinsic", value: index };
  const info = state.get(System.storage.Account, account);
  state.set(System.storage.Account, { ...info, nonce: info.nonce + 1 }, account);
  debit(state, account, fee);
  state.emit(Balances, "Withdraw", { who: account, amount: fee });
  let isFree = false;
  const failure = failureOf(() => {
    isFree = dispatch(state, { account, isInsideBatchAll: false }, extrinsic.call);
  });
  const paid = isFree ? signed.tip : fee;
  deposit(state, account, fee - paid);
  deposit(state, BLOCK_AUTHOR, paid);
  state.emit(TransactionPayment, "TransactionFeePaid", { who: account, actual_fee: paid, tip: signed.tip });
  finish(state, { weight: valid.weight, isFree, class: "Normal" }, failure?.error);
}

/** The event that closes an extrinsic. */
export function finish(
  state: RuntimeState,
  cost: { weight: number; isFree: boolean; class: "Normal" | "Mandatory" },
  error?: DispatchError,
): void {
  const dispatch_info = {
    weight: { ref_time: cost.weight + BLOCK_WEIGHT.baseExtrinsic, proof_size: 0 },
    class: cost.class,
    pays_fee: cost.isFree ? ("No" as const) : ("Yes" as const),
  };
  if (error) state.emit(System, "ExtrinsicFailed", { dispatch_error: error, dispatch_info });
  else state.emit(System, "ExtrinsicSuccess", { dispatch_info });
}

function deposit(state: RuntimeState, who: string, amount: bigint): void {
  if (amount === 0n) return;
  credit(state, who, amount);
  state.emit(Balances, "Deposit", { who, amount });
}
