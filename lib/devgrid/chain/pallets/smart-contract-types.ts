import type { TypeOf } from "../scale/codec";
import { choice, option, struct, union, vec } from "../scale/composites";
import { bool, bytes, fixedBytes, u8, u16, u32, u64, u128 } from "../scale/primitives";
import { accountId } from "./system-types";
import { publicIp, resources } from "./tfgrid-types";

/** Types of SmartContractModule. @source tfchain spec 152 metadata */

/** 32 ASCII characters: the MD5 challenge hash as text. */
export const deploymentHash = fixedBytes(32);
/** Public text beside a node contract, at most 512 bytes. */
export const deploymentData = bytes(512);

/** Why a contract ended. */
export const cause = choice("pallet_smart_contract::types::Cause", [
  "CanceledByUser",
  "OutOfFunds",
  "CanceledByCollective",
]);

const nodeContract = struct("pallet_smart_contract::types::NodeContract", {
  node_id: u32,
  deployment_hash: deploymentHash,
  deployment_data: deploymentData,
  public_ips: u32,
  public_ips_list: vec(publicIp, 512),
});

/** Any agreement; `GracePeriod` carries the block it began in. */
export const contract = struct("pallet_smart_contract::types::Contract", {
  version: u32,
  state: union("pallet_smart_contract::types::ContractState", { Created: null, Deleted: cause, GracePeriod: u64 }),
  contract_id: u64,
  twin_id: u32,
  contract_type: union("pallet_smart_contract::types::ContractData", {
    NodeContract: nodeContract,
    NameContract: struct("pallet_smart_contract::types::NameContract", { name: bytes(64) }),
    RentContract: struct("pallet_smart_contract::types::RentContract", { node_id: u32 }),
  }),
  solution_provider_id: option(u64),
});

/** Old form of a usage report. */
export const consumption = struct("pallet_smart_contract::types::Consumption", {
  contract_id: u64,
  timestamp: u64,
  cru: u64,
  sru: u64,
  hru: u64,
  mru: u64,
  nru: u64,
});

/** How far ahead an account can pay, which sets the discount. */
export const discountLevel = choice("pallet_smart_contract::types::DiscountLevel", [
  "None",
  "Default",
  "Bronze",
  "Silver",
  "Gold",
]);

/** One bill. */
export const contractBill = struct("pallet_smart_contract::types::ContractBill", {
  contract_id: u64,
  timestamp: u64,
  discount_level: discountLevel,
  amount_billed: u128,
});

/** What a node says a contract uses. */
export const contractResources = struct("pallet_smart_contract::types::ContractResources", {
  contract_id: u64,
  used: resources,
});

/** Public traffic of a contract: bytes in a window of seconds. */
export const nruConsumption = struct("pallet_smart_contract::types::NruConsumption", {
  contract_id: u64,
  timestamp: u64,
  window: u64,
  nru: u64,
});

/** A share holder of a solution. */
export const provider = struct("pallet_smart_contract::types::Provider", { who: accountId, take: u8 });

/** Someone who earns a share of what their solution spends. */
export const solutionProvider = struct("pallet_smart_contract::types::SolutionProvider", {
  solution_provider_id: u64,
  providers: vec(provider),
  description: bytes(),
  link: bytes(),
  approved: bool,
});

/** An agreement between two twins; not used by deployments. */
export const serviceContract = struct("pallet_smart_contract::types::ServiceContract", {
  service_contract_id: u64,
  service_twin_id: u32,
  consumer_twin_id: u32,
  base_fee: u64,
  variable_fee: u64,
  metadata: bytes(64),
  accepted_by_service: bool,
  accepted_by_consumer: bool,
  last_bill: u64,
  state: choice("pallet_smart_contract::types::ServiceContractState", ["Created", "AgreementReady", "ApprovedByBoth"]),
});

/** One bill of a service contract. */
export const serviceContractBill = struct("pallet_smart_contract::types::ServiceContractBill", {
  variable_amount: u64,
  window: u64,
  metadata: bytes(50),
});

/** When a contract was last looked at, and traffic not billed yet (1e-7 USD). */
export const contractBillingInformation = struct("pallet_smart_contract::types::ContractBillingInformation", {
  previous_nu_reported: u64,
  last_updated: u64,
  amount_unbilled: u64,
});

/** Left over from before spec 152. */
export const contractLock = struct("pallet_smart_contract::types::ContractLock", {
  amount_locked: u128,
  extra_amount_locked: u128,
  lock_updated: u64,
  cycles: u16,
});

/** Money set aside for a contract and what it owes. */
export const contractPaymentState = struct("pallet_smart_contract::types::ContractPaymentState", {
  standard_reserve: u128,
  additional_reserve: u128,
  standard_overdraft: u128,
  additional_overdraft: u128,
  last_updated_seconds: u64,
  cycles: u16,
});

/** Contract as stored. */
export type ContractRecord = TypeOf<typeof contract>;
/** Node contract payload as stored. */
export type NodeContractRecord = TypeOf<typeof nodeContract>;
/** Why a contract ended. */
export type Cause = TypeOf<typeof cause>;
/** Money state as stored. */
export type PaymentState = TypeOf<typeof contractPaymentState>;
/** Discount by how far ahead an account can pay. */
export type DiscountLevel = TypeOf<typeof discountLevel>;
