import type { Capacity } from "../capacity";

/** What a node is made of: cores, and bytes of memory, SSD and HDD. */
export type NodeCapacity = Pick<Capacity, "cru" | "mru" | "sru" | "hru">;

/** What a workload needs of its node. Sizes in bytes. */
export interface PlacementRequest {
  /** Exactly this node. */
  readonly nodeId?: number;
  readonly cru: number;
  readonly mru: number;
  readonly sru: number;
  readonly hru: number;
  /** Public IPv4 the farm must have free. */
  readonly freeIpv4: number;
  /** true: with a public IPv4 of its own; false: without; undefined: either. */
  readonly publicAccess?: boolean;
  readonly gateway: boolean;
  readonly certified?: boolean;
  readonly country?: string;
  readonly city?: string;
  readonly region?: string;
  readonly farmId?: number;
  /** All of them; `a|b` is one of the two. */
  readonly features: readonly string[];
  readonly exclude: readonly number[];
  /** Requests with the same text land on different nodes. */
  readonly spread?: string;
  /** true: a node that can be rented as a whole, for nothing else of the same set. */
  readonly rentable?: boolean;
  /** Whether it stays on its node when that is down, or goes to another one. @default "keep" */
  readonly onNodeDown?: OnNodeDown;
}

/** What becomes of a choice whose node is down. */
export const ON_NODE_DOWN = ["keep", "replace"] as const;

/** One of them. */
export type OnNodeDown = (typeof ON_NODE_DOWN)[number];

/** The lasting facts of a node: what a choice may be held to later. */
export interface NodeFacts {
  readonly nodeId: number;
  readonly twinId: number;
  readonly farmId: number;
  readonly farmName: string;
  readonly country: string;
  readonly city: string;
  /** "" when unknown. */
  readonly region: string;
  readonly isCertified: boolean;
  /** "" when hidden. */
  readonly publicIpv4: string;
  readonly publicIpv6: string;
  /** Gateway domain, or "". */
  readonly domain: string;
  readonly features: readonly string[];
  /** What it is made of, whoever uses it. Undefined when unknown. */
  readonly total?: NodeCapacity;
  /** Whether its farm owns public IPv4 at all, free or not. Undefined when unknown. */
  readonly farmHasIpv4?: boolean;
}

/** A node that could be chosen, as it is now. */
export interface Candidate extends NodeFacts {
  /** Whether the directory has it as up. */
  readonly isUp: boolean;
  /** Whether it was asked over the message bus just now and was not heard. False as well when nobody asked. */
  readonly isSilent: boolean;
  /** Whether its last diagnosis was good; one that was never made is not. */
  readonly isHealthy: boolean;
  readonly total: NodeCapacity;
  /** What nobody uses, in bytes. Cores are not counted: nodes share them out more than once. */
  readonly free: Pick<NodeCapacity, "mru" | "sru" | "hru">;
  readonly farmFreeIps: number;
  /** Whether the account may deploy there: `needed` means that only who rents the whole node may. */
  readonly rent: "free for all" | "ours" | "others" | "needed";
  /** Whether it can be rented as a whole: nobody rents it, and nothing runs on it unless its farm is a dedicated one. */
  readonly isRentable: boolean;
}
