import { EXISTENTIAL_DEPOSIT } from "../pallets/balances";
import { Balances, System } from "../pallets/runtime";
import type { multiAddress } from "../pallets/system-types";
import type { TypeOf } from "../scale/codec";
import { raiseError } from "./failure";
import type { Handlers } from "./handlers";
import { atLeastZero, credit, debit, larger } from "./money";
import type { RuntimeState } from "./state";

type Address = TypeOf<typeof multiAddress>;

/** Transfers of TFT. @source substrate pallet-balances, fungible traits (2023) */
export const transferHandlers: Handlers<typeof Balances> = {
  transfer_allow_death: (state, from, { dest, value }) =>
    transfer(state, from, lookUp(dest), { value, keepAlive: false }),
  transfer: (state, from, { dest, value }) => transfer(state, from, lookUp(dest), { value, keepAlive: false }),
  transfer_keep_alive: (state, from, { dest, value }) =>
    transfer(state, from, lookUp(dest), { value, keepAlive: true }),
  transfer_all: (state, from, { dest, keep_alive: keepAlive }) =>
    transfer(state, from, lookUp(dest), { value: reducible(state, from, keepAlive), keepAlive }),
};

function transfer(
  state: RuntimeState,
  from: string,
  to: string,
  { value, keepAlive }: { value: bigint; keepAlive: boolean },
): void {
  checkWithdrawal(state, from, value, keepAlive);
  const { data } = state.get(System.storage.Account, to);
  if (data.free + data.reserved + value < EXISTENTIAL_DEPOSIT) raiseError({ kind: "Token", value: "BelowMinimum" });
  if (from !== to) {
    debit(state, from, value);
    credit(state, to, value);
  }
  state.emit(Balances, "Transfer", { from, to, amount: value });
}

function checkWithdrawal(state: RuntimeState, from: string, value: bigint, keepAlive: boolean): void {
  const { data } = state.get(System.storage.Account, from);
  if (value === 0n) return;
  if (data.free < value) raiseError({ kind: "Token", value: "FundsUnavailable" });
  if (value > reducible(state, from, false)) raiseError({ kind: "Token", value: "Frozen" });
  if (keepAlive && data.free - value < EXISTENTIAL_DEPOSIT) raiseError({ kind: "Token", value: "NotExpendable" });
}

/** What may leave: an account with money set aside cannot end, so it keeps the existential deposit as well. */
function reducible(state: RuntimeState, account: string, keepAlive: boolean): bigint {
  const { consumers, data } = state.get(System.storage.Account, account);
  const must = keepAlive || consumers > 0 ? EXISTENTIAL_DEPOSIT : 0n;
  return atLeastZero(data.free - larger(data.frozen - data.reserved, must));
}

function lookUp(address: Address): string {
  return address.kind === "Id" ? address.value : raiseError({ kind: "CannotLookup" });
}
