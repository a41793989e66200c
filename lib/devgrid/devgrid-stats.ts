import type { DevgridChain } from "./chain/devgrid-chain";
import type { HttpService } from "./http-service";
import type { DevgridNode } from "./node/devgrid-node";
import type { NodeCounters } from "./node/node-snapshot";
import type { Relay } from "./relay/relay";

/** What a devgrid served since it was started; counters of nodes outlive a restart. */
export interface DevgridStats {
  /** What came over JSON-RPC, and what became of it. */
  readonly chain: {
    /** Blocks made, the empty ones included. */
    readonly blocks: number;
    /** Signed extrinsics included. */
    readonly extrinsics: number;
    /** Calls by `Pallet.name`; a batch counts, and so does every call inside. */
    readonly calls: Readonly<Record<string, number>>;
    /** JSON-RPC messages. */
    readonly requests: number;
  };
  /** What passed through the message bus. */
  readonly relay: {
    /** Envelopes handed in, answers of nodes included. */
    readonly messages: number;
    /** Their size. */
    readonly bytes: number;
    /** Requests by command. */
    readonly requests: Readonly<Record<string, number>>;
  };
  /** Counters by node number. */
  readonly nodes: Readonly<Record<string, NodeCounters>>;
  /** HTTP requests. */
  readonly http: Readonly<Record<"directory" | "graphql" | "kyc", number>>;
}

/** Reads every counter once. */
export function statsOf(parts: {
  readonly chain: DevgridChain;
  readonly relay: Relay;
  readonly nodes: ReadonlyMap<number, DevgridNode>;
  readonly services: Readonly<Record<"directory" | "graphql" | "kyc", HttpService>>;
}): DevgridStats {
  const { chain, relay, nodes, services } = parts;
  const { blocks, extrinsics, calls } = chain.stats;
  return {
    chain: { blocks, extrinsics, calls: Object.fromEntries(calls), requests: chain.requestCount },
    relay: {
      messages: relay.traffic.count(),
      bytes: relay.traffic.bytes(),
      requests: relay.traffic.requestsByCommand(),
    },
    nodes: Object.fromEntries([...nodes].map(([nodeId, node]) => [nodeId, node.counters])),
    http: {
      directory: services.directory.requestCount(),
      graphql: services.graphql.requestCount(),
      kyc: services.kyc.requestCount(),
    },
  };
}
