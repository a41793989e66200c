import { choice, struct, vec } from "../scale/composites";
import { bool, compactU128, fixedBytes, u32, u128, unit } from "../scale/primitives";
import { call, definePallet } from "./pallet";
import { map, plain } from "./storage-item";
import { accountData, accountId, multiAddress } from "./system-types";

/** Least balance an account may have, in chain units; below it the account does not exist. */
export const EXISTENTIAL_DEPOSIT = 500n;

const byAmount = { who: accountId, amount: u128 };
const id8 = fixedBytes(8);

const balanceLock = struct("pallet_balances::types::BalanceLock", {
  id: id8,
  amount: u128,
  reasons: choice("pallet_balances::types::Reasons", ["Fee", "Misc", "All"]),
});
const reserveData = struct("pallet_balances::types::ReserveData", { id: id8, amount: u128 });
const idAmount = struct("pallet_balances::types::IdAmount", { id: unit, amount: u128 });

/** TFT. @source tfchain spec 152 metadata */
export const Balances = definePallet({
  index: 20,
  name: "Balances",
  crate: "pallet_balances",
  calls: {
    transfer_allow_death: call(0, { dest: multiAddress, value: compactU128 }),
    set_balance_deprecated: call(1, { who: multiAddress, new_free: compactU128, old_reserved: compactU128 }),
    force_transfer: call(2, { source: multiAddress, dest: multiAddress, value: compactU128 }),
    transfer_keep_alive: call(3, { dest: multiAddress, value: compactU128 }),
    transfer_all: call(4, { dest: multiAddress, keep_alive: bool }),
    force_unreserve: call(5, { who: multiAddress, amount: u128 }),
    upgrade_accounts: call(6, { who: vec(accountId) }),
    transfer: call(7, { dest: multiAddress, value: compactU128 }),
    force_set_balance: call(8, { who: multiAddress, new_free: compactU128 }),
  },
  events: {
    Endowed: { account: accountId, free_balance: u128 },
    DustLost: { account: accountId, amount: u128 },
    Transfer: { from: accountId, to: accountId, amount: u128 },
    BalanceSet: { who: accountId, free: u128 },
    Reserved: byAmount,
    Unreserved: byAmount,
    ReserveRepatriated: {
      from: accountId,
      to: accountId,
      amount: u128,
      destination_status: choice("frame_support::traits::tokens::misc::BalanceStatus", ["Free", "Reserved"]),
    },
    Deposit: byAmount,
    Withdraw: byAmount,
    Slashed: byAmount,
    Minted: byAmount,
    Burned: byAmount,
    Suspended: byAmount,
    Restored: byAmount,
    Upgraded: { who: accountId },
    Issued: { amount: u128 },
    Rescinded: { amount: u128 },
    Locked: byAmount,
    Unlocked: byAmount,
    Frozen: byAmount,
    Thawed: byAmount,
  },
  errors: [
    "VestingBalance",
    "LiquidityRestrictions",
    "InsufficientBalance",
    "ExistentialDeposit",
    "Expendability",
    "ExistingVestingSchedule",
    "DeadAccount",
    "TooManyReserves",
    "TooManyHolds",
    "TooManyFreezes",
  ],
  storage: {
    TotalIssuance: plain(u128, 0n),
    InactiveIssuance: plain(u128, 0n),
    Account: map([accountId], accountData, { free: 0n, reserved: 0n, frozen: 0n, flags: 1n << 127n }),
    Locks: map([accountId], vec(balanceLock, 50), []),
    Reserves: map([accountId], vec(reserveData, 50), []),
    Holds: map([accountId], vec(idAmount, 0), []),
    Freezes: map([accountId], vec(idAmount, 0), []),
  },
  constants: {
    ExistentialDeposit: { type: u128, value: EXISTENTIAL_DEPOSIT },
    MaxLocks: { type: u32, value: 50 },
    MaxReserves: { type: u32, value: 50 },
    MaxHolds: { type: u32, value: 0 },
    MaxFreezes: { type: u32, value: 0 },
  },
});
