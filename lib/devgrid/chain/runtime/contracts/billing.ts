import { SmartContractModule } from "../../pallets/runtime";
import type { ContractRecord } from "../../pallets/smart-contract-types";
import { required } from "../failure";
import { failureOf } from "../handlers";
import { usableBalance } from "../money";
import type { RuntimeState } from "../state";
import { nodePower } from "../tfgrid/nodes";
import { endContract } from "./contract-end";
import { nodeOf, openDue, payerOf, payInFull, payInPart, paymentOf, startBillingPeriod } from "./payments";

const { storage } = SmartContractModule;

/** Blocks a contract may stay unpaid: 14 days. @source tfchain pallet-smart-contract, spec 152 */
export const GRACE_BLOCKS = 201_600;

/** Bills every contract whose turn comes in the blocks after `from` up to `to`; at most once each. */
export function billDueContracts(state: RuntimeState, from: number, to: number): void {
  const frequency = state.get(storage.BillingFrequency);
  const isDue = (slot: number) => (((to - slot) % frequency) + frequency) % frequency < to - from;
  for (const { key, value: contractIds } of state.store.entries(storage.ContractsToBillAt)) {
    if (!isDue(key[0])) continue;
    for (const contractId of contractIds) {
      // A contract that went with its rent in this very block has nothing left to bill.
      failureOf(() => state.transact(() => billContract(state, contractId)));
    }
  }
}

/** Bills one contract and moves it into or out of grace, or ends it. */
export function billContract(state: RuntimeState, contractId: number): void {
  const contract = required(state.get(storage.Contracts, contractId), SmartContractModule, "ContractNotExists");
  if (isRentWaived(state, contract)) {
    startBillingPeriod(state, contractId);
    state.emit(SmartContractModule, "RentWaived", { contract_id: contractId });
    return;
  }
  const due = openDue(state, contract);
  const payment = paymentOf(state, contractId);
  const owed = due.standard + due.additional + payment.standard_overdraft + payment.additional_overdraft;
  if (owed === 0n && contract.state.kind === "Created") return;
  if (usableBalance(state, payerOf(state, contract)) >= owed) {
    if (owed > 0n) payInFull(state, contract, due);
    if (contract.state.kind === "GracePeriod" && !isRentUnpaid(state, contract)) endGrace(state, contract);
    return;
  }
  payInPart(state, contract, due);
  if (contract.state.kind === "Created") startGrace(state, contract);
  else endWhenElapsed(state, contract);
}

/** Puts a contract, and with a rent those on its node, into grace. */
export function startGrace(state: RuntimeState, contract: ContractRecord): void {
  for (const one of withTenants(state, contract)) {
    if (one.state.kind !== "Created") continue;
    const since = state.blockNumber;
    state.set(storage.Contracts, { ...one, state: { kind: "GracePeriod", value: since } }, one.contract_id);
    state.emit(SmartContractModule, "ContractGracePeriodStarted", { ...idsOf(one), block_number: since });
    state.note({ kind: "graceStarted", contractId: one.contract_id });
  }
}

/** Takes a contract, and with a rent those on its node, out of grace. */
export function endGrace(state: RuntimeState, contract: ContractRecord): void {
  for (const one of withTenants(state, contract)) {
    if (one.state.kind !== "GracePeriod") continue;
    state.set(storage.Contracts, { ...one, state: { kind: "Created" } }, one.contract_id);
    state.emit(SmartContractModule, "ContractGracePeriodEnded", idsOf(one));
    state.note({ kind: "graceEnded", contractId: one.contract_id });
  }
}

function endWhenElapsed(state: RuntimeState, contract: ContractRecord): void {
  if (contract.state.kind !== "GracePeriod" || state.blockNumber - contract.state.value < GRACE_BLOCKS) return;
  const grace_period = GRACE_BLOCKS;
  state.emit(SmartContractModule, "ContractGracePeriodElapsed", { contract_id: contract.contract_id, grace_period });
  endContract(state, contract, "OutOfFunds");
}

function withTenants(state: RuntimeState, contract: ContractRecord): ContractRecord[] {
  if (contract.contract_type.kind !== "RentContract") return [contract];
  const tenants = state.get(storage.ActiveNodeContracts, nodeOf(contract)).flatMap((id) => {
    const tenant = state.get(storage.Contracts, id);
    return tenant ? [tenant] : [];
  });
  return [contract, ...tenants];
}

/** A tenant leaves grace with the rent, not before. */
function isRentUnpaid(state: RuntimeState, contract: ContractRecord): boolean {
  const rentId = state.get(storage.ActiveRentContractForNode, nodeOf(contract));
  if (rentId === undefined || rentId === contract.contract_id) return false;
  return state.get(storage.Contracts, rentId)?.state.kind === "GracePeriod";
}

/** A rented node that stands by costs nothing. */
function isRentWaived(state: RuntimeState, contract: ContractRecord): boolean {
  return contract.contract_type.kind === "RentContract" && nodePower(state, nodeOf(contract)).state.kind === "Down";
}

function idsOf(contract: ContractRecord) {
  return { contract_id: contract.contract_id, node_id: nodeOf(contract), twin_id: contract.twin_id };
}
