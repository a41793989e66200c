import { option, union, vec } from "../scale/composites";
import { bool, bytes, u8, u32, u64, u128 } from "../scale/primitives";
import { call, definePallet } from "./pallet";
import { SMART_CONTRACT_ERRORS } from "./smart-contract-errors";
import * as t from "./smart-contract-types";
import { map, optionalMap, optionalPlain, plain } from "./storage-item";
import { accountId } from "./system-types";
import { publicIp } from "./tfgrid-types";

const serviceId = { service_contract_id: u64 };
const onNode = { contract_id: u64, node_id: u32, twin_id: u32 };
const ips = { contract_id: u64, public_ips: vec(publicIp, 512) };
const noResources = { hru: 0, sru: 0, cru: 0, mru: 0 };

const versions = Array.from({ length: 12 }, (_, index) => `V${index + 1}`);
const storageVersion = union(
  "pallet_smart_contract::types::StorageVersion",
  Object.fromEntries(versions.map((version) => [version, null])),
);

/** Contracts and their bills. @source tfchain spec 152 metadata */
export const SmartContractModule = definePallet({
  index: 26,
  name: "SmartContractModule",
  crate: "pallet_smart_contract",
  calls: {
    create_node_contract: call(0, {
      node_id: u32,
      deployment_hash: t.deploymentHash,
      deployment_data: t.deploymentData,
      public_ips: u32,
      solution_provider_id: option(u64),
    }),
    update_node_contract: call(1, {
      contract_id: u64,
      deployment_hash: t.deploymentHash,
      deployment_data: t.deploymentData,
    }),
    cancel_contract: call(2, { contract_id: u64 }),
    create_name_contract: call(4, { name: bytes() }),
    add_nru_reports: call(5, { reports: vec(t.nruConsumption) }),
    report_contract_resources: call(6, { contract_resources: vec(t.contractResources) }),
    create_rent_contract: call(7, { node_id: u32, solution_provider_id: option(u64) }),
    create_solution_provider: call(8, { description: bytes(), link: bytes(), providers: vec(t.provider) }),
    approve_solution_provider: call(9, { solution_provider_id: u64, approve: bool }),
    bill_contract_for_block: call(10, { contract_id: u64 }),
    service_contract_create: call(11, { service_account: accountId, consumer_account: accountId }),
    service_contract_set_metadata: call(12, { ...serviceId, metadata: bytes() }),
    service_contract_set_fees: call(13, { ...serviceId, base_fee: u64, variable_fee: u64 }),
    service_contract_approve: call(14, serviceId),
    service_contract_reject: call(15, serviceId),
    service_contract_cancel: call(16, serviceId),
    service_contract_bill: call(17, { ...serviceId, variable_amount: u64, metadata: bytes() }),
    change_billing_frequency: call(18, { frequency: u64 }),
    attach_solution_provider_id: call(19, { contract_id: u64, solution_provider_id: u64 }),
    set_dedicated_node_extra_fee: call(20, { node_id: u32, extra_fee: u64 }),
    cancel_contract_collective: call(21, { contract_id: u64 }),
  },
  events: {
    ContractCreated: [t.contract],
    ContractUpdated: [t.contract],
    NodeContractCanceled: onNode,
    NameContractCanceled: { contract_id: u64 },
    IPsReserved: ips,
    IPsFreed: ips,
    ContractDeployed: [u64, accountId],
    ConsumptionReportReceived: [t.consumption],
    ContractBilled: [t.contractBill],
    TokensBurned: { contract_id: u64, amount: u128 },
    UpdatedUsedResources: [t.contractResources],
    NruConsumptionReportReceived: [t.nruConsumption],
    RentContractCanceled: { contract_id: u64 },
    ContractGracePeriodStarted: { ...onNode, block_number: u64 },
    ContractGracePeriodEnded: onNode,
    SolutionProviderCreated: [t.solutionProvider],
    SolutionProviderApproved: [u64, bool],
    ServiceContractCreated: [t.serviceContract],
    ServiceContractMetadataSet: [t.serviceContract],
    ServiceContractFeesSet: [t.serviceContract],
    ServiceContractApproved: [t.serviceContract],
    ServiceContractCanceled: { ...serviceId, cause: t.cause },
    ServiceContractBilled: { service_contract: t.serviceContract, bill: t.serviceContractBill, amount: u128 },
    BillingFrequencyChanged: [u64],
    NodeExtraFeeSet: { node_id: u32, extra_fee: u64 },
    RentWaived: { contract_id: u64 },
    ContractGracePeriodElapsed: { contract_id: u64, grace_period: u64 },
    ContractPaymentOverdrawn: { contract_id: u64, timestamp: u64, partially_billed_amount: u128, overdraft: u128 },
    RewardDistributed: { contract_id: u64, standard_rewards: u128, additional_rewards: u128 },
  },
  errors: SMART_CONTRACT_ERRORS,
  storage: {
    Contracts: optionalMap([u64], t.contract),
    ContractBillingInformationByID: map([u64], t.contractBillingInformation, {
      previous_nu_reported: 0,
      last_updated: 0,
      amount_unbilled: 0,
    }),
    NodeContractResources: map([u64], t.contractResources, { contract_id: 0, used: noResources }),
    ContractIDByNodeIDAndHash: map([u32, t.deploymentHash], u64, 0),
    ActiveNodeContracts: map([u32], vec(u64), []),
    ContractsToBillAt: map([u64], vec(u64), []),
    ContractLock: map([u64], t.contractLock, {
      amount_locked: 0n,
      extra_amount_locked: 0n,
      lock_updated: 0,
      cycles: 0,
    }),
    ContractIDByNameRegistration: map([bytes(64)], u64, 0),
    ActiveRentContractForNode: optionalMap([u32], u64),
    ContractID: plain(u64, 0),
    SolutionProviders: optionalMap([u64], t.solutionProvider),
    SolutionProviderID: plain(u64, 0),
    PalletVersion: plain(storageVersion, { kind: "V10" }),
    BillingFrequency: plain(u64, 600),
    ServiceContracts: optionalMap([u64], t.serviceContract),
    ServiceContractID: plain(u64, 0),
    CurrentMigrationStage: optionalPlain(u8),
    DedicatedNodesExtraFee: map([u32], u64, 0),
    ContractPaymentState: optionalMap([u64], t.contractPaymentState),
  },
  constants: {
    MaxNameContractNameLength: { type: u32, value: 64 },
    MaxDeploymentDataLength: { type: u32, value: 512 },
    MaxNodeContractPublicIps: { type: u32, value: 512 },
  },
});
