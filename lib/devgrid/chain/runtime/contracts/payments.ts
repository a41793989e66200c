import { Balances, SmartContractModule, TFTPriceModule, TfgridModule } from "../../pallets/runtime";
import type { ContractRecord, DiscountLevel, PaymentState } from "../../pallets/smart-contract-types";
import type { PricingRecord } from "../../pallets/tfgrid-types";
import { required } from "../failure";
import { atLeastZero, credit, issue, reserve, takeReserved, usableBalance } from "../money";
import type { RuntimeState } from "../state";
import { discounted, extraFeeOfTime, hourlyPrice, priceOfTime, toTft } from "./prices";

const { storage } = SmartContractModule;

/** Bills after which reserved money is paid out. */
const CYCLES_PER_PAYOUT = 24;

/** Where validators' shares go. */
export const STAKING_POOL = Buffer.from("devgrid staking pool account....").toString("hex");

/** What a contract owes for a time, in chain units; the farmer's extra fee apart. */
export interface Due {
  readonly standard: bigint;
  readonly additional: bigint;
  readonly level: DiscountLevel;
}

/** The money set aside for a contract and what it owes. */
export function paymentOf(state: RuntimeState, contractId: number): PaymentState {
  return required(
    state.get(storage.ContractPaymentState, contractId),
    SmartContractModule,
    "ContractPaymentStateNotExists",
  );
}

/** The account that pays for a contract. */
export function payerOf(state: RuntimeState, contract: ContractRecord): string {
  const twin = state.get(TfgridModule.storage.Twins, contract.twin_id);
  return required(twin, SmartContractModule, "TwinNotExists").account_id;
}

/** What a contract owes since its last bill. */
export function openDue(state: RuntimeState, contract: ContractRecord): Due {
  const policy = pricesOf(state);
  const seconds = state.nowSeconds - paymentOf(state, contract.contract_id).last_updated_seconds;
  const nodeId = nodeOf(contract);
  const price = tftPrice(state);
  const undiscounted = toTft(standardPrice(state, contract, policy, seconds), price);
  const { level, due } = discounted(undiscounted, seconds, balanceOf(state, contract));
  const isCertified = state.get(TfgridModule.storage.Nodes, nodeId)?.certification === "Certified";
  const extraFee =
    contract.contract_type.kind === "RentContract" ? state.get(storage.DedicatedNodesExtraFee, nodeId) : 0;
  return {
    standard: isCertified ? (due * 125n) / 100n : due,
    additional: toTft(extraFeeOfTime(extraFee, seconds), price),
    level,
  };
}

/** Sets money aside for what is owed and forgets the overdraft; pays out after a day's worth of bills. */
export function payInFull(state: RuntimeState, contract: ContractRecord, due: Due): void {
  const payment = paymentOf(state, contract.contract_id);
  const standard = due.standard + payment.standard_overdraft;
  const additional = due.additional + payment.additional_overdraft;
  reserve(state, payerOf(state, contract), standard + additional);
  const cycles = payment.cycles + 1;
  savePayment(state, contract.contract_id, {
    ...payment,
    standard_reserve: payment.standard_reserve + standard,
    additional_reserve: payment.additional_reserve + additional,
    standard_overdraft: 0n,
    additional_overdraft: 0n,
    cycles,
  });
  state.emit(SmartContractModule, "ContractBilled", [
    {
      contract_id: contract.contract_id,
      timestamp: state.nowSeconds,
      discount_level: due.level,
      amount_billed: standard + additional,
    },
  ]);
  if (cycles >= CYCLES_PER_PAYOUT) distributeReserve(state, contract);
}

/** Sets aside what there is; the rest is owed. */
export function payInPart(state: RuntimeState, contract: ContractRecord, due: Due): void {
  const payment = paymentOf(state, contract.contract_id);
  const payer = payerOf(state, contract);
  const paid = usableBalance(state, payer);
  const owed = due.standard + payment.standard_overdraft;
  const paidStandard = owed - atLeastZero(owed - paid);
  reserve(state, payer, paid);
  const standard_overdraft = owed - paidStandard;
  const additional_overdraft = due.additional + payment.additional_overdraft - (paid - paidStandard);
  savePayment(state, contract.contract_id, {
    ...payment,
    standard_reserve: payment.standard_reserve + paidStandard,
    additional_reserve: payment.additional_reserve + paid - paidStandard,
    standard_overdraft,
    additional_overdraft,
  });
  state.emit(SmartContractModule, "ContractPaymentOverdrawn", {
    contract_id: contract.contract_id,
    timestamp: state.nowSeconds,
    partially_billed_amount: paid,
    overdraft: standard_overdraft + additional_overdraft,
  });
}

/** The last bill of a contract that its owner cancels: what can be paid is, the rest is forgiven. */
export function settle(state: RuntimeState, contract: ContractRecord): void {
  const due = openDue(state, contract);
  const payment = paymentOf(state, contract.contract_id);
  const owed = due.standard + due.additional + payment.standard_overdraft + payment.additional_overdraft;
  if (owed === 0n) return;
  if (usableBalance(state, payerOf(state, contract)) >= owed) payInFull(state, contract, due);
  else payInPart(state, contract, due);
}

/** Pays the reserved money out: half to sales, a tenth to the foundation, a twentieth to validators, the rest is burned. */
export function distributeReserve(state: RuntimeState, contract: ContractRecord): void {
  const id = contract.contract_id;
  const payment = paymentOf(state, id);
  const { standard_reserve: standard, additional_reserve: additional } = payment;
  if (standard + additional === 0n) return;
  takeReserved(state, payerOf(state, contract), standard + additional);
  savePayment(state, id, { ...payment, standard_reserve: 0n, additional_reserve: 0n, cycles: 0 });
  const policy = pricesOf(state);
  const shares: [account: string, amount: bigint][] = [
    [policy.certified_sales_account, standard / 2n],
    [policy.foundation_account, standard / 10n],
    [STAKING_POOL, standard / 20n],
    [farmerOf(state, contract), additional],
  ];
  let burned = standard + additional;
  for (const [who, amount] of shares) {
    if (amount === 0n) continue;
    burned -= amount;
    credit(state, who, amount);
    state.emit(Balances, "Deposit", { who, amount });
  }
  issue(state, -burned);
  state.emit(SmartContractModule, "TokensBurned", { contract_id: id, amount: burned });
  state.emit(SmartContractModule, "RewardDistributed", {
    contract_id: id,
    standard_rewards: standard,
    additional_rewards: additional,
  });
}

/** The prices everything is billed by. */
export function pricesOf(state: RuntimeState): PricingRecord {
  const policy = state.get(TfgridModule.storage.PricingPolicies, 1);
  return required(policy, SmartContractModule, "PricingPolicyNotExists");
}

/** The node a contract is for; 0 for a name. */
export function nodeOf({ contract_type: type }: ContractRecord): number {
  return type.kind === "NameContract" ? 0 : type.value.node_id;
}

/** Starts the time that the next bill is for. */
export function startBillingPeriod(state: RuntimeState, contractId: number): void {
  savePayment(state, contractId, paymentOf(state, contractId));
}

function savePayment(state: RuntimeState, contractId: number, payment: PaymentState): void {
  const now = state.nowSeconds;
  const info = state.get(storage.ContractBillingInformationByID, contractId);
  state.set(storage.ContractPaymentState, { ...payment, last_updated_seconds: now }, contractId);
  state.set(storage.ContractBillingInformationByID, { ...info, last_updated: now, amount_unbilled: 0 }, contractId);
}

function standardPrice(state: RuntimeState, contract: ContractRecord, policy: PricingRecord, seconds: number): bigint {
  const type = contract.contract_type;
  if (type.kind === "NameContract") return priceOfTime(policy.unique_name.value, seconds);
  if (type.kind === "RentContract") {
    const node = required(
      state.get(TfgridModule.storage.Nodes, type.value.node_id),
      SmartContractModule,
      "NodeNotExists",
    );
    const full = priceOfTime(hourlyPrice(policy, node.resources, 0), seconds);
    return (full * BigInt(policy.discount_for_dedication_nodes)) / 100n;
  }
  const isRented = state.get(storage.ActiveRentContractForNode, type.value.node_id) !== undefined;
  const { used } = state.get(storage.NodeContractResources, contract.contract_id);
  const resources = isRented ? { hru: 0, sru: 0, cru: 0, mru: 0 } : used;
  const unbilled = state.get(storage.ContractBillingInformationByID, contract.contract_id).amount_unbilled;
  return priceOfTime(hourlyPrice(policy, resources, type.value.public_ips), seconds) + BigInt(unbilled);
}

function tftPrice(state: RuntimeState): number {
  const { AverageTftPrice, MinTftPrice, MaxTftPrice } = TFTPriceModule.storage;
  return Math.max(state.get(MinTftPrice), Math.min(state.get(AverageTftPrice), state.get(MaxTftPrice)));
}

/** What the owner and the owner's bonded stash could spend. */
function balanceOf(state: RuntimeState, contract: ContractRecord): bigint {
  const stash = state.get(TfgridModule.storage.TwinBoundedAccountID, contract.twin_id);
  return usableBalance(state, payerOf(state, contract)) + (stash === undefined ? 0n : usableBalance(state, stash));
}

function farmerOf(state: RuntimeState, contract: ContractRecord): string {
  const { Nodes, Farms, Twins } = TfgridModule.storage;
  const farm = state.get(Farms, state.get(Nodes, nodeOf(contract))?.farm_id ?? 0);
  return state.get(Twins, farm?.twin_id ?? 0)?.account_id ?? pricesOf(state).foundation_account;
}
