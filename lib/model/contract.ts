/**
 * Agreements on the chain. A contract is what costs money; everything a deployer makes is found again through one.
 *
 * @source tfchain spec 152 metadata, types of SmartContractModule
 */

/** Where a contract is in its life. `Deleted` is practically never seen in storage: an ended contract vanishes. */
export type ContractState =
  | { readonly kind: "Created" }
  | { readonly kind: "GracePeriod" /** Block in which it began. */; readonly sinceBlock: number }
  | { readonly kind: "Deleted"; readonly cause: "CanceledByUser" | "OutOfFunds" | "CanceledByCollective" };

/** A public IPv4 of a farm. */
export interface FarmIp {
  /** Address in CIDR form. */
  readonly ip: string;
  /** Gateway without a prefix length. */
  readonly gateway: string;
  /** The contract that holds it; 0 when free. */
  readonly contractId: number;
}

interface ContractBase {
  /** Never reused. */
  readonly contractId: number;
  /** The owner. */
  readonly twinId: number;
  /** Where it is in its life. */
  readonly state: ContractState;
}

/** Names a node and the hash of the deployment it may run. */
export interface NodeContract extends ContractBase {
  readonly kind: "node";
  /** The node it is for. The council may migrate a contract, so this can change. */
  readonly nodeId: number;
  /** 32 lower-case hex characters: the MD5 challenge hash as text. */
  readonly deploymentHash: string;
  /** Public JSON text, at most 512 bytes. */
  readonly deploymentData: string;
  /** How many public IPv4 were asked for; fixed at creation. */
  readonly publicIps: number;
  /** The addresses the chain reserved. */
  readonly publicIpsList: readonly FarmIp[];
}

/** Reserves a gateway name on the whole network. */
export interface NameContract extends ContractBase {
  readonly kind: "name";
  /** The reserved name. */
  readonly name: string;
}

/** Rents a whole node. */
export interface RentContract extends ContractBase {
  readonly kind: "rent";
  /** The rented node. */
  readonly nodeId: number;
}

/** Any agreement. */
export type Contract = NodeContract | NameContract | RentContract;
