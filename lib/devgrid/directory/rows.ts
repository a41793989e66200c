/**
 * The directory's own JSON, as it goes over the wire.
 *
 * @source tfgrid-sdk-go grid-proxy/pkg/types (gridproxy v0.16)
 */

/** Cores and bytes. */
export interface Capacity {
  /** Cores. */
  readonly cru: number;
  /** SSD, bytes. */
  readonly sru: number;
  /** HDD, bytes. */
  readonly hru: number;
  /** Memory, bytes. */
  readonly mru: number;
}

/** A graphics card. */
export interface GpuJson {
  /** PCI slot / vendor / device: `0000:28:00.0/1002/731f`. */
  readonly id: string;
  /** Name from the PCI list. */
  readonly vendor: string;
  /** Name from the PCI list. */
  readonly device: string;
  /** The contract that holds it; 0 when free. */
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
  /** Key of the indexer, of no meaning elsewhere. */
  readonly id: string;
  /** Number on the chain. */
  readonly nodeId: number;
  /** Number of its farm. */
  readonly farmId: number;
  /** Unique on the network. */
  readonly farmName: string;
  /** Where messages to it go. */
  readonly twinId: number;
  /** English name, free text of the farmer. */
  readonly country: string;
  /** 3 for all nodes. */
  readonly gridVersion: number;
  /** Free text of the farmer. */
  readonly city: string;
  /** Seconds. */
  readonly uptime: number;
  /** Unix seconds. */
  readonly created: number;
  /** Decides what the farmer earns; of no meaning to deployers. */
  readonly farmingPolicyId: number;
  /** Unix seconds of the last uptime report. */
  readonly updatedAt: number;
  /** What is built in. */
  readonly total_resources: Capacity;
  /** What live contracts reported, and the share of the system. */
  readonly used_resources: Capacity;
  /** Null where the chain holds no number. */
  readonly location: {
    readonly country: string;
    readonly city: string;
    readonly longitude: number | null;
    readonly latitude: number | null;
  };
  /** Empty texts when it has none; ipv4 and ipv6 in CIDR form. */
  readonly publicConfig: {
    readonly domain: string;
    readonly gw4: string;
    readonly gw6: string;
    readonly ipv4: string;
    readonly ipv6: string;
  };
  /** From power and the last report. */
  readonly status: NodeStatus;
  /** Certified nodes cost a quarter more. */
  readonly certificationType: "Diy" | "Certified";
  /** Can be, or is, rented as a whole, or asks an extra fee. */
  readonly dedicated: boolean;
  /** Its farm rents out whole nodes only. */
  readonly inDedicatedFarm: boolean;
  /** 0 when not rented. */
  readonly rentContractId: number;
  /** By anyone. */
  readonly rented: boolean;
  /** By anyone, now. */
  readonly rentable: boolean;
  /** 0 when not rented. */
  readonly rentedByTwinId: number;
  /** Of the mainboard; often empty. */
  readonly serialNumber: string;
  /** As the chain has it. */
  readonly power: PowerJson;
  /** Cards, held ones included. */
  readonly num_gpu: number;
  /** Thousandths of a dollar a month. */
  readonly extraFee: number;
  /** False also when never checked. */
  readonly healthy: boolean;
  /** Description of the hardware. */
  readonly dmi: unknown;
  /** Bits a second. */
  readonly speed: { readonly upload: number; readonly download: number; readonly UpdatedAt: number };
  /** One entry per card. */
  readonly gpus: readonly GpuJson[];
  /** Dollars a month for the whole node, after discount, 3 decimals. */
  readonly price_usd: number;
  /** Public IPv4 that its farm has left. */
  readonly farm_free_ips: number;
  /** Workload types and networks it offers. */
  readonly features: readonly string[];
}

/** A node with what its filters need beside the JSON. */
export interface NodeRow {
  /** What is shown. */
  readonly json: NodeJson;
  /** Total less used; may be negative on a crowded node. */
  readonly free: Capacity;
  /** Undefined for a country that the table does not know. */
  readonly region: string | undefined;
  /** Undefined when never checked: matches neither value of `healthy`. */
  readonly isHealthy: boolean | undefined;
  /** Measured by the node, whatever its public config says. */
  readonly hasIpv6: boolean;
  /** Twin of the farm's owner. */
  readonly farmTwinId: number;
  /** The `dedicated` filter, which unlike the JSON field ignores the extra fee. */
  readonly isDedicated: boolean;
  /** Everyone's, running now. */
  readonly workloadCount: number;
  /** Dollars a month before discount. */
  readonly fullPrice: number;
}

/** A public IPv4 of a farm; `farm_id` is left out inside a farm. */
export interface PublicIpJson {
  /** Key of the indexer. */
  readonly id: string;
  /** CIDR form. */
  readonly ip: string;
  /** Without a prefix length. */
  readonly gateway: string;
  /** 0 when free. */
  readonly contract_id: number;
  /** Number of the farm. */
  readonly farm_id?: number;
}

/** An item of `/farms`. */
export interface FarmJson {
  /** Unique on the network. */
  readonly name: string;
  /** Number on the chain. */
  readonly farmId: number;
  /** The owner. */
  readonly twinId: number;
  /** 1 on a devgrid. */
  readonly pricingPolicyId: number;
  /** Of the farm, not of its nodes. */
  readonly certificationType: "NotCertified" | "Gold";
  /** Where rewards go; empty on a devgrid. */
  readonly stellarAddress: string;
  /** Rents out whole nodes only. */
  readonly dedicated: boolean;
  /** Held ones included. */
  readonly publicIps: readonly PublicIpJson[];
}

/** A farm with its nodes, for the filters that ask about them. */
export interface FarmRow {
  /** What is shown. */
  readonly json: FarmJson;
  /** Public IPv4 that no contract holds. */
  readonly freeIps: number;
  /** All its nodes. */
  readonly nodes: readonly NodeRow[];
}

/** An item of `/twins`. */
export interface TwinJson {
  /** Number on the chain. */
  readonly twinId: number;
  /** SS58 with prefix 42. */
  readonly accountId: string;
  /** Host names joined with `_`; empty when never set. */
  readonly relay: string;
  /** Message encryption key in hex. */
  readonly publicKey: string;
}

/** What a contract is about; node and rent contracts name the farm too. */
export interface ContractDetails {
  /** Of node and rent contracts. */
  readonly nodeId?: number;
  /** Of node contracts: public JSON text. */
  readonly deployment_data?: string;
  /** Of node contracts: 32 hex characters. */
  readonly deployment_hash?: string;
  /** Of node contracts. */
  readonly number_of_public_ips?: number;
  /** Farm of the node. */
  readonly farm_name?: string;
  /** Farm of the node. */
  readonly farm_id?: number;
  /** Of name contracts. */
  readonly name?: string;
}

/** An item of `/contracts`. */
export interface ContractJson {
  /** Never reused. */
  readonly contract_id: number;
  /** The owner. */
  readonly twin_id: number;
  /** Ended ones stay listed. */
  readonly state: "Created" | "GracePeriod" | "Deleted";
  /** Unix seconds. */
  readonly created_at: number;
  /** What it is about. */
  readonly type: "node" | "name" | "rent";
  /** Depends on the type. */
  readonly details: ContractDetails;
}
