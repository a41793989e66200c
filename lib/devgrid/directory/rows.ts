/**
 * The directory's own JSON, as it goes over the wire.
 *
 * @source tfgrid-sdk-go grid-proxy/pkg/types (gridproxy v0.16)
 */

/** Cores and bytes. */
export interface Capacity {
  readonly cru: number;
  readonly sru: number;
  readonly hru: number;
  readonly mru: number;
}

/** A graphics card. */
export interface GpuJson {
  readonly id: string;
  readonly vendor: string;
  readonly device: string;
  readonly contract: number;
  /** Unix seconds. */
  readonly updated_at: number;
}

/** Power as the chain has it. */
export type PowerJson = { readonly state: "Up" | "Down"; readonly target: "Up" | "Down" };

/** What `status` says. */
export type NodeStatus = "up" | "standby" | "down";

/** An item of `/nodes`. */
export interface NodeJson {
  readonly id: string;
  readonly nodeId: number;
  readonly farmId: number;
  readonly farmName: string;
  readonly twinId: number;
  readonly country: string;
  readonly gridVersion: number;
  readonly city: string;
  readonly uptime: number;
  readonly created: number;
  readonly farmingPolicyId: number;
  readonly updatedAt: number;
  readonly total_resources: Capacity;
  readonly used_resources: Capacity;
  readonly location: {
    readonly country: string;
    readonly city: string;
    readonly longitude: number | null;
    readonly latitude: number | null;
  };
  readonly publicConfig: {
    readonly domain: string;
    readonly gw4: string;
    readonly gw6: string;
    readonly ipv4: string;
    readonly ipv6: string;
  };
  readonly status: NodeStatus;
  readonly certificationType: "Diy" | "Certified";
  readonly dedicated: boolean;
  readonly inDedicatedFarm: boolean;
  readonly rentContractId: number;
  readonly rented: boolean;
  readonly rentable: boolean;
  readonly rentedByTwinId: number;
  readonly serialNumber: string;
  readonly power: PowerJson;
  readonly num_gpu: number;
  readonly extraFee: number;
  readonly healthy: boolean;
  readonly dmi: unknown;
  readonly speed: { readonly upload: number; readonly download: number; readonly UpdatedAt: number };
  readonly gpus: readonly GpuJson[];
  readonly price_usd: number;
  readonly farm_free_ips: number;
  readonly features: readonly string[];
}

/** A node with what its filters need beside the JSON. */
export interface NodeRow {
  readonly json: NodeJson;
  /** Total less used; may be negative on a crowded node. */
  readonly free: Capacity;
  /** Undefined for a country that the table does not know. */
  readonly region: string | undefined;
  /** Undefined when never checked: matches neither value of `healthy`. */
  readonly isHealthy: boolean | undefined;
  readonly hasIpv6: boolean;
  /** Twin of the farm's owner. */
  readonly farmTwinId: number;
  /** The `dedicated` filter, which unlike the JSON field ignores the extra fee. */
  readonly isDedicated: boolean;
  readonly workloadCount: number;
  /** Dollars a month before discount. */
  readonly fullPrice: number;
}

/** A public IPv4 of a farm; `farm_id` is left out inside a farm. */
export interface PublicIpJson {
  readonly id: string;
  readonly ip: string;
  readonly gateway: string;
  /** 0 when free. */
  readonly contract_id: number;
  readonly farm_id?: number;
}

/** An item of `/farms`. */
export interface FarmJson {
  readonly name: string;
  readonly farmId: number;
  readonly twinId: number;
  readonly pricingPolicyId: number;
  readonly certificationType: "NotCertified" | "Gold";
  readonly stellarAddress: string;
  readonly dedicated: boolean;
  readonly publicIps: readonly PublicIpJson[];
}

/** A farm with its nodes, for the filters that ask about them. */
export interface FarmRow {
  readonly json: FarmJson;
  readonly freeIps: number;
  readonly nodes: readonly NodeRow[];
}

/** An item of `/twins`. */
export interface TwinJson {
  readonly twinId: number;
  /** SS58 with prefix 42. */
  readonly accountId: string;
  readonly relay: string;
  /** Message encryption key in hex. */
  readonly publicKey: string;
}

/** What a contract is about; node and rent contracts name the farm too. */
export interface ContractDetails {
  readonly nodeId?: number;
  readonly deployment_data?: string;
  readonly deployment_hash?: string;
  readonly number_of_public_ips?: number;
  readonly farm_name?: string;
  readonly farm_id?: number;
  readonly name?: string;
}

/** An item of `/contracts`. */
export interface ContractJson {
  readonly contract_id: number;
  readonly twin_id: number;
  readonly state: "Created" | "GracePeriod" | "Deleted";
  /** Unix seconds. */
  readonly created_at: number;
  readonly type: "node" | "name" | "rent";
  readonly details: ContractDetails;
}
