import { SmartContractModule, TfgridModule } from "../../pallets/runtime";
import type { Cause, ContractRecord, NodeContractRecord } from "../../pallets/smart-contract-types";
import { Internal } from "../internal";
import type { RuntimeState } from "../state";
import { freeIps } from "../tfgrid/public-ips";
import { toContract } from "./contract-view";
import { distributeReserve, settle } from "./payments";

const { storage } = SmartContractModule;

/** Ends every contract on a node, the rent last. */
export function endContractsOfNode(state: RuntimeState, nodeId: number, cause: Cause): void {
  const rent = state.get(storage.ActiveRentContractForNode, nodeId);
  const ids = [...state.get(storage.ActiveNodeContracts, nodeId), ...(rent === undefined ? [] : [rent])];
  for (const id of ids) {
    const contract = state.get(storage.Contracts, id);
    if (contract) endContract(state, contract, cause);
  }
}

/**
 * Bills what is open, gives back what the contract holds and removes it in the same block.
 * A rent contract that ends for lack of funds takes the node contracts on its node along.
 */
export function endContract(state: RuntimeState, contract: ContractRecord, cause: Cause): void {
  const { contract_id: id, contract_type: type } = contract;
  if (cause === "CanceledByUser") settle(state, contract);
  distributeReserve(state, contract);
  if (type.kind === "RentContract" && cause === "OutOfFunds") endTenants(state, type.value.node_id);
  release(state, contract);
  state.remove(storage.Contracts, id);
  state.remove(storage.ContractBillingInformationByID, id);
  state.remove(storage.ContractPaymentState, id);
  state.remove(storage.NodeContractResources, id);
  state.remove(Internal.ContractCreatedAt, id);
  const slot = id % state.get(storage.BillingFrequency);
  const others = state.get(storage.ContractsToBillAt, slot).filter((other) => other !== id);
  if (others.length > 0) state.set(storage.ContractsToBillAt, others, slot);
  else state.remove(storage.ContractsToBillAt, slot);
  const ended = { ...contract, state: { kind: "Deleted", value: cause } } as const;
  state.note({ kind: "contractEnded", contract: toContract(ended) });
}

function endTenants(state: RuntimeState, nodeId: number): void {
  for (const id of state.get(storage.ActiveNodeContracts, nodeId)) {
    const tenant = state.get(storage.Contracts, id);
    if (tenant) endContract(state, tenant, "OutOfFunds");
  }
}

function release(state: RuntimeState, { contract_id, twin_id, contract_type: type }: ContractRecord): void {
  if (type.kind === "NameContract") {
    state.remove(storage.ContractIDByNameRegistration, type.value.name);
    state.emit(SmartContractModule, "NameContractCanceled", { contract_id });
  } else if (type.kind === "RentContract") {
    state.remove(storage.ActiveRentContractForNode, type.value.node_id);
    state.emit(SmartContractModule, "RentContractCanceled", { contract_id });
  } else {
    releaseNodeContract(state, contract_id, type.value);
    state.emit(SmartContractModule, "NodeContractCanceled", { contract_id, node_id: type.value.node_id, twin_id });
  }
}

function releaseNodeContract(state: RuntimeState, contractId: number, held: NodeContractRecord): void {
  if (held.public_ips > 0) {
    const farmId = state.get(TfgridModule.storage.Nodes, held.node_id)?.farm_id ?? 0;
    const public_ips = freeIps(state, farmId, contractId);
    state.emit(SmartContractModule, "IPsFreed", { contract_id: contractId, public_ips });
  }
  state.remove(storage.ContractIDByNodeIDAndHash, held.node_id, held.deployment_hash);
  const others = state.get(storage.ActiveNodeContracts, held.node_id).filter((id) => id !== contractId);
  state.set(storage.ActiveNodeContracts, others, held.node_id);
}
