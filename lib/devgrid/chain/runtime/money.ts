import { EXISTENTIAL_DEPOSIT } from "../pallets/balances";
import { Balances, System } from "../pallets/runtime";
import type { accountInfo } from "../pallets/system-types";
import type { TypeOf } from "../scale/codec";
import type { RuntimeState } from "./state";

type AccountInfo = TypeOf<typeof accountInfo>;

/** What an account may spend while staying alive: free less what is frozen or must stay. @source tfchain spec 152 */
export function usableBalance(state: RuntimeState, account: string): bigint {
  const { free, frozen } = state.get(System.storage.Account, account).data;
  return atLeastZero(free - larger(frozen, EXISTENTIAL_DEPOSIT));
}

/** Adds to an account, which is made when it did not exist; amounts too small to make one are lost. */
export function credit(state: RuntimeState, account: string, amount: bigint): void {
  const info = state.get(System.storage.Account, account);
  if (info.providers === 0) {
    if (amount < EXISTENTIAL_DEPOSIT) {
      issue(state, -amount);
      return;
    }
    state.emit(System, "NewAccount", { account });
    state.emit(Balances, "Endowed", { account, free_balance: amount });
  }
  put(state, account, { ...info, providers: Math.max(1, info.providers) }, info.data.free + amount);
}

/** Takes from an account what is there; one left with less than the existential deposit ends. */
export function debit(state: RuntimeState, account: string, amount: bigint): void {
  const info = state.get(System.storage.Account, account);
  const free = info.data.free - amount;
  if (free + info.data.reserved >= EXISTENTIAL_DEPOSIT || info.consumers > 0) {
    put(state, account, info, free);
    return;
  }
  state.remove(System.storage.Account, account);
  state.emit(System, "KilledAccount", { account });
  if (free > 0n) {
    state.emit(Balances, "DustLost", { account, amount: free });
    issue(state, -free);
  }
}

/** Sets money of an account aside. */
export function reserve(state: RuntimeState, account: string, amount: bigint): void {
  if (amount === 0n) return;
  moveReserved(state, account, amount);
  state.emit(Balances, "Reserved", { who: account, amount });
}

/** Takes money that was set aside out of the account; the caller says where it goes. */
export function takeReserved(state: RuntimeState, account: string, amount: bigint): void {
  if (amount === 0n) return;
  moveReserved(state, account, -amount);
  state.emit(Balances, "Unreserved", { who: account, amount });
  debit(state, account, amount);
  state.emit(Balances, "Withdraw", { who: account, amount });
}

/** Changes how much money there is. */
export function issue(state: RuntimeState, amount: bigint): void {
  const total = state.get(Balances.storage.TotalIssuance);
  state.set(Balances.storage.TotalIssuance, total + amount);
}

/** The larger of two amounts. */
export function larger(one: bigint, other: bigint): bigint {
  if (one > other) return one;
  return other;
}

/** The amount, or nothing when it is negative. */
export function atLeastZero(amount: bigint): bigint {
  return larger(amount, 0n);
}

function moveReserved(state: RuntimeState, account: string, amount: bigint): void {
  const info = state.get(System.storage.Account, account);
  const reserved = info.data.reserved + amount;
  const consumers = reserved > 0n ? 1 : 0;
  const data = { ...info.data, free: info.data.free - amount, reserved };
  state.set(System.storage.Account, { ...info, consumers, data }, account);
}

function put(state: RuntimeState, account: string, info: AccountInfo, free: bigint): void {
  state.set(System.storage.Account, { ...info, data: { ...info.data, free } }, account);
}
