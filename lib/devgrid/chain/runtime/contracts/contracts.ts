import { SmartContractModule, TfgridModule } from "../../pallets/runtime";
import type { ContractRecord } from "../../pallets/smart-contract-types";
import type { FarmRecord, NodeRecord, TwinRecord } from "../../pallets/tfgrid-types";
import { raise, required } from "../failure";
import type { Handlers } from "../handlers";
import { Internal } from "../internal";
import type { RuntimeState } from "../state";
import { nodePower } from "../tfgrid/nodes";
import { reserveIps } from "../tfgrid/public-ips";
import { twinOf } from "../tfgrid/twins";
import { endContract } from "./contract-end";
import { toContract } from "./contract-view";
import { checkSolutionProvider } from "./solution-providers";

const { storage } = SmartContractModule;

/** Contracts; every call checks in the order of the real one. @source tfchain pallet-smart-contract, spec 149; observed */
export const contractHandlers: Handlers<typeof SmartContractModule> = {
  create_node_contract: (state, account, args) => {
    const twin = requireTwin(state, account);
    const node = requireNode(state, args.node_id);
    checkPower(state, node.id);
    const farm = requireFarm(state, node);
    checkTenancy(state, twin, node, farm);
    const held = state.get(storage.ContractIDByNodeIDAndHash, node.id, args.deployment_hash);
    if (held !== 0) raise(SmartContractModule, "ContractIsNotUnique");
    checkIps(farm, args.public_ips);
    checkSolutionProvider(state, args.solution_provider_id);
    const id = state.next(storage.ContractID);
    const { node_id, deployment_hash, deployment_data, public_ips } = args;
    const public_ips_list = reserveIps(state, farm, id, public_ips);
    const value = { node_id, deployment_hash, deployment_data, public_ips, public_ips_list };
    state.set(storage.ContractIDByNodeIDAndHash, id, node_id, deployment_hash);
    state.set(storage.ActiveNodeContracts, [...state.get(storage.ActiveNodeContracts, node_id), id], node_id);
    store(state, { id, twin, type: { kind: "NodeContract", value }, solutionProviderId: args.solution_provider_id });
  },
  update_node_contract: (state, account, { contract_id, deployment_hash, deployment_data }) => {
    const contract = required(state.get(storage.Contracts, contract_id), SmartContractModule, "ContractNotExists");
    if (!isOwner(state, account, contract)) raise(SmartContractModule, "TwinNotAuthorizedToUpdateContract");
    if (contract.state.kind === "GracePeriod") raise(SmartContractModule, "CannotUpdateContractInGraceState");
    const type = contract.contract_type;
    if (type.kind !== "NodeContract") raise(SmartContractModule, "InvalidContractType");
    state.remove(storage.ContractIDByNodeIDAndHash, type.value.node_id, type.value.deployment_hash);
    state.set(storage.ContractIDByNodeIDAndHash, contract_id, type.value.node_id, deployment_hash);
    const value = { ...type.value, deployment_hash, deployment_data };
    const updated: ContractRecord = { ...contract, contract_type: { kind: "NodeContract", value } };
    state.set(storage.Contracts, updated, contract_id);
    state.emit(SmartContractModule, "ContractUpdated", [updated]);
    state.note({ kind: "contractUpdated", contract: toContract(updated) });
  },
  cancel_contract: (state, account, { contract_id }) => {
    const contract = required(state.get(storage.Contracts, contract_id), SmartContractModule, "ContractNotExists");
    if (!isOwner(state, account, contract)) raise(SmartContractModule, "TwinNotAuthorizedToCancelContract");
    const type = contract.contract_type;
    const isBusy =
      type.kind === "RentContract" && state.get(storage.ActiveNodeContracts, type.value.node_id).length > 0;
    if (isBusy) raise(SmartContractModule, "NodeHasActiveContracts");
    endContract(state, contract, "CanceledByUser");
  },
  create_name_contract: (state, account, { name }) => {
    const twin = requireTwin(state, account);
    if (name.length < 3) raise(SmartContractModule, "NameContractNameTooShort");
    if (name.length > 64) raise(SmartContractModule, "NameContractNameTooLong");
    if (!/^[a-z0-9_-]+$/.test(name)) raise(SmartContractModule, "NameNotValid");
    if (state.get(storage.ContractIDByNameRegistration, name) !== 0) raise(SmartContractModule, "NameExists");
    const id = state.next(storage.ContractID);
    state.set(storage.ContractIDByNameRegistration, id, name);
    store(state, { id, twin, type: { kind: "NameContract", value: { name } }, solutionProviderId: undefined });
  },
  create_rent_contract: (state, account, { node_id, solution_provider_id }) => {
    const rent = state.get(storage.ActiveRentContractForNode, node_id);
    if (rent !== undefined) raise(SmartContractModule, "NodeHasRentContract");
    const farm = requireFarm(state, requireNode(state, node_id));
    const isInUse = state.get(storage.ActiveNodeContracts, node_id).length > 0;
    if (isInUse && !farm.dedicated_farm) raise(SmartContractModule, "NodeNotAvailableToDeploy");
    const twin = requireTwin(state, account);
    checkSolutionProvider(state, solution_provider_id);
    const id = state.next(storage.ContractID);
    state.set(storage.ActiveRentContractForNode, id, node_id);
    store(state, {
      id,
      twin,
      type: { kind: "RentContract", value: { node_id } },
      solutionProviderId: solution_provider_id,
    });
  },
};

function store(
  state: RuntimeState,
  {
    id,
    twin,
    type,
    solutionProviderId,
  }: {
    id: number;
    twin: TwinRecord;
    type: ContractRecord["contract_type"];
    solutionProviderId: number | undefined;
  },
): void {
  const contract: ContractRecord = {
    version: 4,
    state: { kind: "Created" },
    contract_id: id,
    twin_id: twin.id,
    contract_type: type,
    solution_provider_id: solutionProviderId,
  };
  const now = state.nowSeconds;
  const slot = id % state.get(storage.BillingFrequency);
  state.set(storage.Contracts, contract, id);
  state.set(Internal.ContractCreatedAt, now, id);
  state.set(storage.ContractsToBillAt, [...state.get(storage.ContractsToBillAt, slot), id], slot);
  const unbilled = { previous_nu_reported: 0, last_updated: now, amount_unbilled: 0 };
  state.set(storage.ContractBillingInformationByID, unbilled, id);
  state.set(
    storage.ContractPaymentState,
    {
      standard_reserve: 0n,
      additional_reserve: 0n,
      standard_overdraft: 0n,
      additional_overdraft: 0n,
      last_updated_seconds: now,
      cycles: 0,
    },
    id,
  );
  state.emit(SmartContractModule, "ContractCreated", [contract]);
  state.note({ kind: "contractCreated", contract: toContract(contract) });
}

/** Asked of the contract's twin: whoever calls need not have one. */
function isOwner(state: RuntimeState, account: string, { twin_id }: ContractRecord): boolean {
  return state.get(TfgridModule.storage.Twins, twin_id)?.account_id === account;
}

function requireTwin(state: RuntimeState, account: string): TwinRecord {
  return required(twinOf(state, account), SmartContractModule, "TwinNotExists");
}

function requireNode(state: RuntimeState, nodeId: number): NodeRecord {
  return required(state.get(TfgridModule.storage.Nodes, nodeId), SmartContractModule, "NodeNotExists");
}

function requireFarm(state: RuntimeState, node: NodeRecord): FarmRecord {
  return required(state.get(TfgridModule.storage.Farms, node.farm_id), SmartContractModule, "FarmNotExists");
}

function checkPower(state: RuntimeState, nodeId: number): void {
  const power = nodePower(state, nodeId);
  if (power.state.kind === "Down" || power.target === "Down") raise(SmartContractModule, "NodeNotAvailableToDeploy");
}

/** A rented node is its renter's alone; a dedicated one nobody's until rented. */
function checkTenancy(state: RuntimeState, twin: TwinRecord, node: NodeRecord, farm: FarmRecord): void {
  const rentId = state.get(storage.ActiveRentContractForNode, node.id);
  const isDedicated = farm.dedicated_farm || state.get(storage.DedicatedNodesExtraFee, node.id) > 0;
  const isMine = rentId === undefined ? !isDedicated : state.get(storage.Contracts, rentId)?.twin_id === twin.id;
  if (!isMine) raise(SmartContractModule, "NodeNotAvailableToDeploy");
}

function checkIps(farm: FarmRecord, count: number): void {
  if (farm.public_ips.length < count) raise(SmartContractModule, "FarmHasNotEnoughPublicIPs");
  const free = farm.public_ips.filter(({ contract_id }) => contract_id === 0).length;
  if (free < count) raise(SmartContractModule, "FarmHasNotEnoughPublicIPsFree");
}
