import type { Contract, FarmIp } from "../model/contract";
import type { KeyPair } from "../model/key-pair";
import type { Twin } from "../model/twin";

/** A farm as the chain records it. */
export interface LedgerFarm {
  readonly farmId: number;
  readonly name: string;
  readonly twinId: number;
  readonly isDedicated: boolean;
  readonly isGold: boolean;
  readonly publicIps: readonly FarmIp[];
}

/** A node as the chain records it. Bytes and cores. */
export interface LedgerNode {
  readonly nodeId: number;
  readonly farmId: number;
  readonly twinId: number;
  readonly resources: { readonly cru: number; readonly mru: number; readonly sru: number; readonly hru: number };
  readonly country: string;
  readonly city: string;
  readonly latitude: string;
  readonly longitude: string;
  readonly publicConfig:
    | {
        readonly ip4: string;
        readonly gw4: string;
        readonly ip6: string;
        readonly gw6: string;
        readonly domain: string;
      }
    | undefined;
  readonly isCertified: boolean;
  readonly power: { readonly state: "Up" | "Down"; readonly target: "Up" | "Down" };
  /** Unix seconds. */
  readonly createdAt: number;
  /** Thousandths of a dollar a month; 0 when none. */
  readonly extraFee: number;
}

/** What changed in a block that the other services act on. */
export type LedgerEvent =
  | { readonly kind: "contractCreated" | "contractUpdated"; readonly contract: Contract }
  | { readonly kind: "contractEnded"; readonly contract: Contract }
  | { readonly kind: "graceStarted" | "graceEnded"; readonly contractId: number }
  | { readonly kind: "twinChanged"; readonly twinId: number };

/**
 * The chain's state as the other devgrid services see it: they read through this and never through JSON-RPC.
 * The chain (lib/devgrid/chain) implements it.
 */
export interface Ledger {
  /** Chain time, Unix milliseconds: what time travel moves. */
  now(): number;
  getTwin(twinId: number): Twin | undefined;
  listTwins(): readonly Twin[];
  getFarm(farmId: number): LedgerFarm | undefined;
  listFarms(): readonly LedgerFarm[];
  getNode(nodeId: number): LedgerNode | undefined;
  listNodes(): readonly LedgerNode[];
  getContract(contractId: number): Contract | undefined;
  /** Live contracts, by id. */
  listContracts(): readonly Contract[];
  /** Unix seconds at which a contract was made. */
  contractCreatedAt(contractId: number): number;
  /** What a node last reported for a contract. */
  getUsedResources(contractId: number): { cru: number; mru: number; sru: number; hru: number } | undefined;
  /** What a node does after each job: takes effect with the next block. */
  reportUsedResources(contractId: number, used: { cru: number; mru: number; sru: number; hru: number }): void;
  /** The node that rents it out, if any. */
  getRentContractId(nodeId: number): number | undefined;
  /** Hands every event of a block to the listener after the block is made; returns the unsubscriber. */
  subscribe(listener: (events: readonly LedgerEvent[]) => void): () => void;
}

/** A node to seed a fresh devgrid with; also what it is made of for the node emulator. */
export interface SeedNode {
  readonly farmId: number;
  /** ed25519, as real nodes have. */
  readonly keys: KeyPair;
  readonly resources: LedgerNode["resources"];
  readonly country: string;
  readonly city: string;
  /** Decimal degrees as text. @default the chain says `Unknown` */
  readonly latitude?: string;
  /** Decimal degrees as text. @default the chain says `Unknown` */
  readonly longitude?: string;
  readonly publicConfig: LedgerNode["publicConfig"];
  readonly isCertified: boolean;
}
