import { type Clock, systemClock } from "../../core/clock";
import { type Log, silentLog } from "../../core/log";
import type { CallResult, ContractCall } from "../../model/call";
import type { KeyPair } from "../../model/key-pair";
import type { Twin } from "../../model/twin";
import type { ChainClient } from "../clients";
import { ChainConnection } from "./chain-connection";
import { CallQueue } from "./queue/call-queue";
import { HeldNonces } from "./queue/held-nonces";
import { EarlierExtrinsics } from "./read/earlier-extrinsics";
import { getBalance } from "./read/get-balance";
import { getContracts } from "./read/get-contract";
import {
  getContractIdByHash,
  getContractIdByName,
  getNodeContractIds,
  getRentContractId,
} from "./read/get-contract-ids";
import { getFarmIps } from "./read/get-farm-ips";
import { getNode } from "./read/get-node";
import { getNote } from "./read/get-note";
import { getOverdraft } from "./read/get-overdraft";
import { getTenancy } from "./read/get-tenancy";
import { getTwin, requireTwin } from "./read/get-twin";
import { type ChainTiming, defaultTiming } from "./timing";

/** Which chain, and whose key. */
export interface ChainOptions {
  /** Websocket endpoints of one chain, best first. */
  readonly urls: readonly string[];
  /** The account that signs and pays. */
  readonly account: KeyPair;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** @default nothing is logged */
  readonly log?: Log;
  /** Gives the connecting up. */
  readonly signal?: AbortSignal;
  /** Limits that differ from what a real network needs. */
  readonly timing?: Partial<ChainTiming>;
}

/**
 * Connects to the chain through the first endpoint that answers and is in sync; later ones step in when it is lost.
 *
 * @throws {GridError} TFG_CHAIN_UNREACHABLE or TFG_CHAIN_BEHIND naming each endpoint and its reason
 */
export async function connectChain(options: ChainOptions): Promise<ChainClient> {
  const { account, urls, clock = systemClock, log = silentLog, signal } = options;
  const timing = { ...defaultTiming, ...options.timing };
  const connection = new ChainConnection({ urls, clock, log, timing });
  try {
    const genesisHash = await connection.ask(async (session) => session.genesisHash, signal);
    const queue = new CallQueue({ connection, account, clock, log, timing, nonces: new HeldNonces() });
    const earlier = new EarlierExtrinsics({ connection, account, clock, timing });
    return makeClient({ connection, account, genesisHash, queue, earlier });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface ClientParts {
  readonly connection: ChainConnection;
  readonly account: KeyPair;
  readonly genesisHash: string;
  readonly queue: CallQueue;
  readonly earlier: EarlierExtrinsics;
}

function makeClient({ connection, account, genesisHash, queue, earlier }: ClientParts): ChainClient {
  let twin: Twin | undefined;
  return {
    genesisHash,
    account,
    requireTwin: async (signal) => {
      twin ??= await requireTwin(connection, account, signal);
      return twin;
    },
    getTwin: (twinId, signal) => getTwin(connection, twinId, signal),
    getContract: async (contractId, signal) => (await getContracts(connection, [contractId], signal))[0],
    getContracts: (contractIds, signal) => getContracts(connection, contractIds, signal),
    getContractIdByHash: (nodeId, hash, signal) => getContractIdByHash(connection, nodeId, hash, signal),
    getContractIdByName: (name, signal) => getContractIdByName(connection, name, signal),
    getRentContractId: (nodeId, signal) => getRentContractId(connection, nodeId, signal),
    getNodeContractIds: (nodeId, signal) => getNodeContractIds(connection, nodeId, signal),
    getNode: (nodeId, signal) => getNode(connection, nodeId, signal),
    getTenancy: (nodeId, signal) => getTenancy(connection, nodeId, signal),
    getNote: (key, signal) => getNote(connection, { account: account.publicKey, key }, signal),
    getFarmIps: (farmId, signal) => getFarmIps(connection, farmId, signal),
    settleEarlier: (signal) => earlier.settled(signal),
    getOverdraft: (contractId, signal) => getOverdraft(connection, contractId, signal),
    getBalance: (signal) => getBalance(connection, account.publicKey, signal),
    announce: () => queue.announce(),
    submit: (calls: readonly ContractCall[], signal?: AbortSignal): Promise<CallResult[]> =>
      queue.submit(calls, signal),
    close: () => connection.close(),
  };
}
