import type { TypeOf } from "../scale/codec";
import { choice, option, struct, vec } from "../scale/composites";
import { bool, bytes, u8, u16, u32, u64 } from "../scale/primitives";
import { accountId } from "./system-types";

/**
 * Types of TfgridModule. Texts are bytes, one character per byte.
 *
 * @source tfchain spec 152 metadata; bounds from pallet-tfgrid
 */

/** Capacity: bytes, bytes, cores, bytes. */
export const resources = struct("tfchain_support::resources::Resources", { hru: u64, sru: u64, cru: u64, mru: u64 });

/** An identity with its account and how to reach it. */
export const twin = struct("pallet_tfgrid::types::Twin", {
  id: u32,
  account_id: accountId,
  relay: option(bytes(1024)),
  entities: vec(struct("pallet_tfgrid::types::EntityProof", { entity_id: u32, signature: bytes() })),
  pk: option(bytes(128)),
});

/** One acceptance of the terms and conditions. */
export const termsAndConditions = struct("pallet_tfgrid::terms_cond::TermsAndConditions", {
  account_id: accountId,
  timestamp: u64,
  document_link: bytes(2048),
  document_hash: bytes(50),
});

/** CIDR text of an IPv4, at most 18 bytes. */
export const ip4Text = bytes(18);
/** Text of an IPv4 gateway, at most 15 bytes. */
export const gw4Text = bytes(15);

/** A public IPv4 of a farm; `contract_id` 0 is free. */
export const publicIp = struct("tfchain_support::types::PublicIP", {
  ip: ip4Text,
  gateway: gw4Text,
  contract_id: u64,
});

/** An IPv4 and its gateway. */
export const ip4 = struct("tfchain_support::types::IP4", { ip: ip4Text, gw: gw4Text });

/** Bound on a farm policy. */
export const farmingPolicyLimit = struct("tfchain_support::types::FarmingPolicyLimit", {
  farming_policy_id: u32,
  cu: option(u64),
  su: option(u64),
  end: option(u64),
  node_count: option(u32),
  node_certification: bool,
});

/** Certification of a farm. */
export const farmCertification = choice("tfchain_support::types::FarmCertification", ["NotCertified", "Gold"]);
/** Certification of a node. */
export const nodeCertification = choice("tfchain_support::types::NodeCertification", ["Diy", "Certified"]);

/** 3 to 40 characters. */
export const farmName = bytes(40);

/** An owner's group of nodes and addresses. */
export const farm = struct("tfchain_support::types::Farm", {
  version: u32,
  id: u32,
  name: farmName,
  twin_id: u32,
  pricing_policy_id: u32,
  certification: farmCertification,
  public_ips: vec(publicIp, 512),
  dedicated_farm: bool,
  farming_policy_limits: option(farmingPolicyLimit),
});

/** A node's addresses and gateway domain. */
export const publicConfig = struct("tfchain_support::types::PublicConfig", {
  ip4,
  ip6: option(struct("tfchain_support::types::IP6", { ip: bytes(43), gw: bytes(39) })),
  domain: option(bytes(128)),
});

const place = { city: bytes(58), country: bytes(56), latitude: bytes(50), longitude: bytes(50) };

/** Where a node says it is. */
export const location = struct("pallet_tfgrid::node::Location", place);
/** The same as an argument of a call. */
export const locationInput = struct("pallet_tfgrid::types::LocationInput", place);

/** A network interface of a node. */
export const networkInterface = struct("tfchain_support::types::Interface", {
  name: bytes(20),
  mac: bytes(17),
  ips: vec(bytes(42), 10),
});

/** One machine running Zero-OS. */
export const node = struct("tfchain_support::types::Node", {
  version: u32,
  id: u32,
  farm_id: u32,
  twin_id: u32,
  resources,
  location,
  public_config: option(publicConfig),
  created: u64,
  farming_policy_id: u32,
  interfaces: vec(networkInterface),
  certification: nodeCertification,
  secure_boot: bool,
  virtualized: bool,
  serial_number: option(bytes(128)),
  connection_price: u32,
});

const policy = struct("pallet_tfgrid::types::Policy", {
  value: u32,
  unit: choice("pallet_tfgrid::types::Unit", ["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terrabytes"]),
});

/** Prices in 1e-7 USD, per hour where they accrue with time; arguments of the calls that set them. */
export const pricingFields = {
  name: bytes(),
  su: policy,
  cu: policy,
  nu: policy,
  ipu: policy,
  unique_name: policy,
  domain_name: policy,
  foundation_account: accountId,
  certified_sales_account: accountId,
  discount_for_dedication_nodes: u8,
};

/** The prices everything is billed by; number 1 is the one in force. */
export const pricingPolicy = struct("pallet_tfgrid::types::PricingPolicy", { version: u32, id: u32, ...pricingFields });

/** What farmers earn; not used for billing. */
export const farmingPolicy = struct("pallet_tfgrid::types::FarmingPolicy", {
  version: u32,
  id: u32,
  name: bytes(),
  cu: u32,
  su: u32,
  nu: u32,
  ipv4: u32,
  minimal_uptime: u16,
  policy_created: u32,
  policy_end: u32,
  immutable: bool,
  default: bool,
  node_certification: nodeCertification,
  farm_certification: farmCertification,
});

/** A person or company; obsolete. */
export const entity = struct("pallet_tfgrid::types::Entity", {
  version: u32,
  id: u32,
  name: bytes(),
  account_id: accountId,
  country: bytes(56),
  city: bytes(58),
});

/** What a farmer asks of a node. */
export const power = choice("tfchain_support::types::Power", ["Up", "Down"]);

/** Farm as stored. */
export type FarmRecord = TypeOf<typeof farm>;
/** Node as stored. */
export type NodeRecord = TypeOf<typeof node>;
/** Twin as stored. */
export type TwinRecord = TypeOf<typeof twin>;
/** Prices as stored. */
export type PricingRecord = TypeOf<typeof pricingPolicy>;
/** Capacity as stored. */
export type ResourcesRecord = TypeOf<typeof resources>;
