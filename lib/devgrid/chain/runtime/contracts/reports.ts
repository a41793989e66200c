import { SmartContractModule, TfgridModule } from "../../pallets/runtime";
import type { NodeContractRecord } from "../../pallets/smart-contract-types";
import type { ResourcesRecord } from "../../pallets/tfgrid-types";
import { raise, required } from "../failure";
import type { Handlers } from "../handlers";
import type { RuntimeState } from "../state";
import { twinOf } from "../tfgrid/twins";
import { billContract } from "./billing";
import { pricesOf } from "./payments";
import { trafficPrice } from "./prices";

const { storage } = SmartContractModule;

/** What nodes report, what farmers set, and bills on request. @source tfchain pallet-smart-contract, spec 149 */
export const reportHandlers: Handlers<typeof SmartContractModule> = {
  report_contract_resources: (state, account, { contract_resources }) => {
    const nodeId = requireReporter(state, account);
    for (const { contract_id, used } of contract_resources) {
      if (reportable(state, contract_id, nodeId)) storeUsedResources(state, contract_id, used);
    }
    return "free";
  },
  add_nru_reports: (state, account, { reports }) => {
    const nodeId = requireReporter(state, account);
    for (const report of reports) {
      if (!reportable(state, report.contract_id, nodeId)) continue;
      const info = state.get(storage.ContractBillingInformationByID, report.contract_id);
      const amount_unbilled = info.amount_unbilled + trafficPrice(pricesOf(state), report.nru, report.window);
      const next = { ...info, previous_nu_reported: report.nru, amount_unbilled };
      state.set(storage.ContractBillingInformationByID, next, report.contract_id);
      state.emit(SmartContractModule, "NruConsumptionReportReceived", [report]);
    }
    return "free";
  },
  bill_contract_for_block: (state, _account, { contract_id }) => billContract(state, contract_id),
  set_dedicated_node_extra_fee: (state, account, { node_id, extra_fee }) => {
    const twin = required(twinOf(state, account), SmartContractModule, "TwinNotExists");
    const node = required(state.get(TfgridModule.storage.Nodes, node_id), SmartContractModule, "NodeNotExists");
    const farm = required(state.get(TfgridModule.storage.Farms, node.farm_id), SmartContractModule, "FarmNotExists");
    if (farm.twin_id !== twin.id) raise(SmartContractModule, "UnauthorizedToSetExtraFee");
    const isRented = state.get(storage.ActiveRentContractForNode, node_id) !== undefined;
    const isInUse = isRented || state.get(storage.ActiveNodeContracts, node_id).length > 0;
    if (isInUse) raise(SmartContractModule, "NodeHasActiveContracts");
    state.set(storage.DedicatedNodesExtraFee, extra_fee, node_id);
    state.emit(SmartContractModule, "NodeExtraFeeSet", { node_id, extra_fee });
  },
};

/** Stores what a contract is billed for from now on. */
export function storeUsedResources(state: RuntimeState, contract_id: number, used: ResourcesRecord): void {
  state.set(storage.NodeContractResources, { contract_id, used }, contract_id);
  state.emit(SmartContractModule, "UpdatedUsedResources", [{ contract_id, used }]);
}

function requireReporter(state: RuntimeState, account: string): number {
  const twin = required(twinOf(state, account), SmartContractModule, "TwinNotExists");
  const nodeId = state.get(TfgridModule.storage.NodeIdByTwinID, twin.id);
  return nodeId === 0 ? raise(SmartContractModule, "NodeNotExists") : nodeId;
}

/** A report on an ended contract is skipped; one on another node's contract fails. */
function reportable(state: RuntimeState, contractId: number, nodeId: number): NodeContractRecord | undefined {
  const type = state.get(storage.Contracts, contractId)?.contract_type;
  if (type?.kind !== "NodeContract") return undefined;
  if (type.value.node_id !== nodeId) raise(SmartContractModule, "NodeNotAuthorizedToComputeReport");
  return type.value;
}
