import type { CallResult, ContractCall } from "../model/call";
import type { Contract, FarmIp } from "../model/contract";
import type { KeyPair } from "../model/key-pair";
import type { Twin } from "../model/twin";

/** What the account can spend, in chain units (1 TFT = 10 000 000). */
export interface Balance {
  /** Everything not reserved. */
  readonly free: bigint;
  /** Set aside for contract payments. */
  readonly reserved: bigint;
  /** What a call may really spend: free less what is frozen or must stay. */
  readonly usable: bigint;
}

/** A node as the chain records it. */
export interface ChainNode {
  /** Number of the node. */
  readonly nodeId: number;
  /** Farm it belongs to. */
  readonly farmId: number;
  /** Twin to send messages to. */
  readonly twinId: number;
  /** True when its power state or target is Down: the chain refuses contracts on it. */
  readonly isStandby: boolean;
}

/** Who may deploy on a node, and what stands there. */
export interface Tenancy {
  /** The live rent contract; undefined when nobody rents it. */
  readonly rentContractId: number | undefined;
  /** Whether its farm lets its nodes only as a whole. */
  readonly isInDedicatedFarm: boolean;
  /** What its farmer asks for it beside the price, in thousandths of a dollar a month. Above 0 it is let only as a whole. */
  readonly extraFee: number;
  /** Live node contracts on it, anyone's, those in grace included. */
  readonly contractIds: readonly number[];
}

/** The chain as the engine needs it. Every method takes a signal and ends within its own deadline. */
export interface ChainClient {
  /** `0x` and 64 hex digits: which chain this is. Stored beside every object, so that another network is noticed. */
  readonly genesisHash: string;
  /** The account that signs. */
  readonly account: KeyPair;
  /** Twin of the account; throws TFG_NO_TWIN when it has none. Asked once. */
  requireTwin(signal?: AbortSignal): Promise<Twin>;
  /** Any twin by number. */
  getTwin(twinId: number, signal?: AbortSignal): Promise<Twin | undefined>;
  /** A live contract; undefined means ended or never made, believed only from an endpoint in sync. */
  getContract(contractId: number, signal?: AbortSignal): Promise<Contract | undefined>;
  /** Many live contracts in one round trip, in the order asked; ended ones are undefined. */
  getContracts(contractIds: readonly number[], signal?: AbortSignal): Promise<(Contract | undefined)[]>;
  /** The live contract of this hash on this node, anyone's. */
  getContractIdByHash(nodeId: number, deploymentHash: string, signal?: AbortSignal): Promise<number | undefined>;
  /** The live name contract of a gateway name, anyone's. */
  getContractIdByName(name: string, signal?: AbortSignal): Promise<number | undefined>;
  /** The live rent contract of a node, anyone's. */
  getRentContractId(nodeId: number, signal?: AbortSignal): Promise<number | undefined>;
  /** Live node contracts on a node, anyone's. */
  getNodeContractIds(nodeId: number, signal?: AbortSignal): Promise<number[]>;
  /** A node's record. */
  getNode(nodeId: number, signal?: AbortSignal): Promise<ChainNode | undefined>;
  /** Who may deploy on a node that exists, and what stands there. */
  getTenancy(nodeId: number, signal?: AbortSignal): Promise<Tenancy>;
  /** A public note of the account; undefined when there is none of that key. */
  getNote(key: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Public IPv4 of a farm as the chain has them. */
  getFarmIps(farmId: number, signal?: AbortSignal): Promise<readonly FarmIp[]>;
  /**
   * Waits until a block holds what the account had sent before this client was connected, at most five blocks: what a run
   * that was killed a moment ago is about to make cannot be found before.
   */
  settleEarlier(signal?: AbortSignal): Promise<void>;
  /** What bills of a live contract found no money for, in chain units; undefined when the chain does not tell. */
  getOverdraft(contractId: number, signal?: AbortSignal): Promise<bigint | undefined>;
  /** What the account can spend. */
  getBalance(signal?: AbortSignal): Promise<Balance>;
  /**
   * Announces calls that will be submitted before long, so that those of others wait for them and all travel in one
   * extrinsic. They do not wait longer than a second. What it gives is to be called once the calls were submitted, or
   * will not be.
   */
  announce(): () => void;
  /**
   * Sends calls through the account's one queue. Calls given together stand or fall together; calls of different
   * `submit`s made at about the same time travel in one extrinsic and fail alone. Settles when in a block.
   * The encoding of every call is checked before it is queued.
   *
   * @throws {GridError} TFG_CHAIN_REFUSED with the pallet's own error name in `facts.error`; TFG_BALANCE when the fee
   * cannot be paid; TFG_CHAIN_TIMEOUT when no block took it in time (it can no longer be included then).
   */
  submit(calls: readonly ContractCall[], signal?: AbortSignal): Promise<CallResult[]>;
  /** Closes the connection. */
  close(): Promise<void>;
}

/** Calls to nodes over the message bus. */
export interface NodeClient {
  /**
   * Calls a command on the node's twin and gives its JSON answer.
   *
   * @throws {GridError} TFG_NODE_REFUSED when the node answered with an error (its text in `facts["node said"]`);
   * TFG_NODE_UNREACHABLE when it did not answer in time or the relay says it is offline; TFG_RELAY_UNREACHABLE.
   */
  call(twinId: number, command: string, payload?: unknown, options?: NodeCallOptions): Promise<unknown>;
  /** Closes the socket. */
  close(): Promise<void>;
}

/** How one node call is made. */
export interface NodeCallOptions {
  /** Time until the call is given up. @default 20 000 */
  readonly timeoutMs?: number;
  /** Asks the relay to answer at once when the node is offline instead of queueing. @default true */
  readonly failFast?: boolean;
  /** Gives the call up. */
  readonly signal?: AbortSignal;
}

/** A node as the directory lists it: facts that place a workload. Lags behind the chain by seconds to minutes. */
export interface DirectoryNode {
  readonly nodeId: number;
  readonly farmId: number;
  readonly farmName: string;
  readonly twinId: number;
  readonly country: string;
  readonly city: string;
  readonly region: string | undefined;
  readonly status: "up" | "standby" | "down";
  readonly isCertified: boolean;
  readonly isHealthy: boolean;
  /** Capacity in cores and bytes. */
  readonly total: { readonly cru: number; readonly mru: number; readonly sru: number; readonly hru: number };
  /** Reserved and used, the system's own share included. */
  readonly used: { readonly cru: number; readonly mru: number; readonly sru: number; readonly hru: number };
  /** IPv4 in CIDR form, "" when none. */
  readonly publicIpv4: string;
  /** IPv6 in CIDR form, "" when none. */
  readonly publicIpv6: string;
  /** Gateway domain, "" when none. */
  readonly domain: string;
  readonly isInDedicatedFarm: boolean;
  /** Whether nobody rents it and nothing runs on it, or its farm is a dedicated one. */
  readonly isRentable: boolean;
  /** Renter's twin, 0 when not rented. */
  readonly rentedByTwinId: number;
  /** Thousandths of a dollar a month. */
  readonly extraFee: number;
  readonly features: readonly string[];
  readonly numGpu: number;
  readonly farmFreeIps: number;
}

/** A farm as the directory lists it. */
export interface DirectoryFarm {
  readonly farmId: number;
  readonly name: string;
  /** The farmer. */
  readonly twinId: number;
  /** Whether its nodes are let only as a whole. */
  readonly isDedicated: boolean;
  /** `NotCertified` or `Gold`. */
  readonly certification: string;
  /** Public IPv4 it has. */
  readonly publicIps: number;
  /** Those that no contract holds. */
  readonly freeIps: number;
}

/** A contract as the directory lists it. Confirm on the chain before acting on it. */
export interface DirectoryContract {
  readonly contractId: number;
  readonly kind: "node" | "name" | "rent";
  /** "" for name contracts. */
  readonly deploymentData: string;
  /** 0 for name contracts. */
  readonly nodeId: number;
}

/** The directory: read only, never the last word. */
export interface DirectoryClient {
  /** Nodes that match a query in the directory's own parameters, every page. @throws {GridError} TFG_DIRECTORY_UNREACHABLE */
  listNodes(query: Readonly<Record<string, string | number | boolean>>, signal?: AbortSignal): Promise<DirectoryNode[]>;
  /** One node; undefined when the directory does not know it. */
  getNode(nodeId: number, signal?: AbortSignal): Promise<DirectoryNode | undefined>;
  /** Farms that match a query in the directory's own parameters, every page. @throws {GridError} TFG_DIRECTORY_UNREACHABLE */
  listFarms(query: Readonly<Record<string, string | number | boolean>>, signal?: AbortSignal): Promise<DirectoryFarm[]>;
  /** Live contracts (Created or GracePeriod) of a twin. */
  listContracts(twinId: number, signal?: AbortSignal): Promise<DirectoryContract[]>;
}

/** What was seen of an image at its address. */
export type ImageSight =
  | { readonly kind: "there" }
  /** The hub has none there. */
  | { readonly kind: "absent"; readonly status: number }
  /** The hub was not heard from, or says neither. */
  | { readonly kind: "unsure"; readonly reason: string };

/** Where images lie. */
export interface ImageHub {
  /** Looks whether there is an image at an address. */
  look(url: string, signal: AbortSignal): Promise<ImageSight>;
  /** MD5 of the flist there, 32 hex digits; undefined when it cannot be had. */
  md5Of(url: string, signal: AbortSignal): Promise<string | undefined>;
}

/** The grid's services, connected lazily: nothing is opened before it is asked something. */
export interface GridClients {
  /** The chain, connected on first use. */
  chain(): Promise<ChainClient>;
  /** The message bus, connected on first use. */
  nodes(): Promise<NodeClient>;
  readonly directory: DirectoryClient;
  /** IPv4 and IPv6 addresses of a host name; none when it points nowhere. @throws {GridError} TFG_DNS_UNREACHABLE */
  resolveHost(host: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** Closes what was opened. */
  close(): Promise<void>;
}
