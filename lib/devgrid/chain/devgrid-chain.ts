/**
 * The chain of a devgrid: tfchain at spec 152, emulated in this process and served over a websocket to unmodified
 * clients. Calls, checks, events, errors, fees, weights and bills are those of the real chain.
 *
 * Differs from the real service:
 * - Relay texts of twins may also hold `:` and `/`, so that relays on `ws://127.0.0.1:9102` can be named.
 * - One node, no consensus: blocks come at once (or by the clock), final at once (or two blocks later). State and
 *   extrinsics roots are plain hashes, no tries; there are no storage proofs.
 * - Metadata has the pallets a deployer meets. Calls of the council, of validators and of service contracts, entities,
 *   `as_derivative`, `dispatch_as` and `with_weight` are refused with BadOrigin. Ecdsa signatures count as bad.
 * - Bills are made by the block itself (phase Initialization), not by validators' extrinsics, and the payout follows
 *   one fixed split (half to sales, a tenth to the foundation, a twentieth to validators, the rest burned).
 * - Time travel leaves gaps between block numbers: numbers it skips have no block.
 * - Weights are known for contract calls only (measured at spec 144); other calls count as 0.3 ms.
 * - Numbers of 64 bits are exact up to 2^53 only.
 * - Country and city names, interface texts and public configs of nodes are not checked beyond their lengths.
 * - State, events and blocks are kept for 2400 blocks; only the head survives a restart, and what waited is lost.
 * - With instant blocks, one with watched extrinsics is final once the watchers have read its events (or after 1 s).
 */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../core/clock";
import type { Log } from "../../core/log";
import { silentLog } from "../../core/log";
import { loadSr25519 } from "../../model/sr25519";
import { Wire } from "../wire/wire";
import type { Block } from "./block/blocks";
import { Blocks } from "./block/blocks";
import type { Edit } from "./block/chain-core";
import { ChainCore } from "./block/chain-core";
import type { Header } from "./block/header";
import { hashHeader } from "./block/header";
import { Pace } from "./block/pace";
import type { ExtrinsicFault } from "./block/pool";
import type { ChainStats } from "./block/stats";
import {
  badTravel,
  callAs,
  changeContract,
  changeNodePower,
  changeRelay,
  migrateContract,
  setFreeBalance,
  takeAddresses,
} from "./controls";
import type { ChainSeed } from "./genesis";
import { seedGenesis } from "./genesis";
import { LedgerView } from "./ledger-view";
import { encodeMetadata } from "./pallets/metadata";
import { System, Timestamp } from "./pallets/runtime";
import { ChainView } from "./rpc/chain-view";
import { RpcServer } from "./rpc/server";
import { RuntimeState } from "./runtime/state";
import type { ChainSnapshot } from "./snapshot";
import { dumpStorage, loadStorage } from "./snapshot";

/** Five years, in milliseconds: each hour of travel is a block with its bills. */
const MAX_TRAVEL_MS = 5 * 365 * 24 * 3_600_000;

/** How a devgrid's chain is made. */
export interface DevgridChainOptions {
  /** Farms and nodes of a fresh chain; not looked at when a snapshot is given. @default none */
  readonly seed?: ChainSeed;
  /** A chain to go on with. @default a fresh one with a random genesis hash */
  readonly snapshot?: ChainSnapshot;
  /** Time source. */
  readonly clock: Clock;
  /** Milliseconds between blocks, or `"instant"`: a block as soon as there is something to put in. */
  readonly blockMs: number | "instant";
  /** @default writes nothing */
  readonly log?: Log;
}

/** A node of the chain that clients can ask. */
interface Endpoint {
  readonly url: string;
  readonly view: ChainView;
  readonly server: RpcServer;
}

/** The chain, its websockets, and the controls that make things happen which no call can. */
export class DevgridChain extends LedgerView {
  readonly #pace: Pace;
  readonly #serve: (view: ChainView) => RpcServer;
  /** The one that `listen` opened comes first. */
  readonly #endpoints: Endpoint[] = [];
  /** What answers and notifications pass on their way to clients. */
  readonly wire: Wire;

  private constructor(core: ChainCore, options: DevgridChainOptions) {
    super(core);
    this.#pace = new Pace(core, options.clock, options.blockMs);
    const metadata = encodeMetadata().toString("hex");
    this.wire = new Wire(options.clock);
    const { log = silentLog } = options;
    this.#serve = (chain) => new RpcServer({ chain, metadata, pace: this.#pace }, this.wire, log);
  }

  /**
   * Makes a chain and its first block; blocks follow from now on.
   *
   * @throws {GridError} TFG_DEVGRID_STATE when the snapshot cannot be read
   */
  static async create(options: DevgridChainOptions): Promise<DevgridChain> {
    await loadSr25519();
    const state = new RuntimeState();
    const { snapshot, clock } = options;
    state.nowMs = clock.now();
    if (snapshot) loadStorage(state, snapshot);
    else await seedGenesis(state, options.seed ?? { farms: [], nodes: [] });
    const genesis = blockOf(snapshot?.genesis ?? genesisHeader());
    const head = snapshot && snapshot.head.number > 0 ? blockOf(snapshot.head) : genesis;
    state.blockNumber = head.header.number;
    state.nowMs = snapshot ? state.get(Timestamp.storage.Now) : state.nowMs;
    state.takeEvents();
    state.takeNotes();
    state.store.sealBlock();
    state.set(System.storage.BlockHash, head.hash, head.header.number);
    const core = new ChainCore({
      state,
      blocks: new Blocks(genesis, head),
      clock,
      log: options.log ?? silentLog,
      isInstant: options.blockMs === "instant",
      offsetMs: snapshot?.offsetMs ?? 0,
    });
    const chain = new DevgridChain(core, options);
    core.produceBlock();
    chain.#pace.start();
    return chain;
  }

  /**
   * Serves clients on the loopback interface; gives the url. Every call opens one more endpoint.
   *
   * @param port @default any free one
   * @param lag blocks that it is behind
   */
  async listen(port = 0, lag = 0): Promise<string> {
    const view = new ChainView(this.core, lag);
    const server = this.#serve(view);
    const url = await server.listen(port);
    this.#endpoints.push({ url, view, server });
    return url;
  }

  /** Lets an endpoint fall behind, or catch up. @throws when there is none of that url */
  setLag(url: string, lag: number): void {
    const endpoint = this.#endpoints.find((one) => one.url === url);
    if (!endpoint) throw new Error(`the chain has no endpoint ${url}; there are ${this.#urls()}`);
    endpoint.view.setLag(lag);
  }

  /** Drops clients and stops making blocks. */
  async close(): Promise<void> {
    this.#pace.stop();
    this.wire.clear();
    await Promise.all(this.#endpoints.map(({ server }) => server.close()));
  }

  /** Everything a restart needs. */
  snapshot(): ChainSnapshot {
    const { blocks, state, offsetMs } = this.core;
    const head = blocks.head.header;
    return { version: 1, genesis: blocks.genesis.header, head, offsetMs, storage: dumpStorage(state) };
  }

  /** What the chain did so far. */
  get stats(): ChainStats {
    return this.core.stats;
  }

  /** JSON-RPC messages received so far. */
  get requestCount(): number {
    return this.#endpoints.reduce((sum, { server }) => sum + server.requestCount, 0);
  }

  /** While down, clients of the first endpoint are dropped as soon as they connect; blocks go on. */
  setDown(isDown: boolean): void {
    this.#endpoints[0]?.server.setDown(isDown);
  }

  /** 64 hex digits: which chain this is. */
  get genesisHash(): string {
    return this.core.blocks.genesis.hash;
  }

  /** Number of the latest block. */
  get blockNumber(): number {
    return this.core.blocks.head.header.number;
  }

  /** Names the relay that twins are reached by, unless their owners have set another. */
  setRelay(url: string): void {
    this.#now(changeRelay(url));
  }

  /** Lets something go wrong with the next extrinsics sent, one fault each. */
  failNext(...faults: ExtrinsicFault[]): void {
    this.core.failNext(faults);
  }

  /** Puts a contract into grace, with a rent those on its node too; the next bill that can be paid ends it. */
  setGrace(contractId: number): void {
    this.#now(changeContract(contractId, "grace"));
  }

  /** Ends a contract as 14 days without payment would. */
  endForLackOfFunds(contractId: number): void {
    this.#now(changeContract(contractId, "outOfFunds"));
  }

  /** Moves a contract to another node under the same number, as the council can. */
  migrateContract(contractId: number, nodeId: number): void {
    this.#now(migrateContract(contractId, nodeId));
  }

  /** Takes the public IPv4 of a node contract away: its farm may give them to others. */
  takeAddresses(contractId: number): void {
    this.#now(takeAddresses(contractId));
  }

  /** Writes hash and public text of a node contract, as its owner does with another client. @throws what the chain refuses */
  updateContract(contractId: number, { hash, text }: { readonly hash: string; readonly text: string }): void {
    const owner = this.getTwin(this.getContract(contractId)?.twinId ?? 0)?.accountId ?? [];
    const deployment_data = Buffer.from(text).toString("latin1");
    const args = { contract_id: contractId, deployment_hash: hash, deployment_data };
    const call = { pallet: "SmartContractModule", name: "update_node_contract", args } as const;
    this.#now(callAs(Buffer.from(owner).toString("hex"), call));
  }

  /** Switches a node off or on, as the node and its farmer would report it. */
  setNodePower(nodeId: number, power: { readonly state?: "Up" | "Down"; readonly target?: "Up" | "Down" }): void {
    this.#now(changeNodePower(nodeId, power));
  }

  /** Sets what an account may spend, in chain units. @param account SS58 text or 64 hex digits */
  setBalance(account: string, free: bigint): void {
    this.#now(setFreeBalance(account, free));
  }

  /** Moves chain time ahead; bills come hour by hour as they would have. @param ms 0 to five years */
  advanceTime(ms: number): void {
    if (!(ms >= 0 && ms <= MAX_TRAVEL_MS)) throw badTravel(ms);
    this.core.travel(ms);
  }

  /** Stops making blocks; extrinsics wait. */
  pauseBlocks(): void {
    this.#pace.pause();
  }

  /** Goes on making blocks. */
  resumeBlocks(): void {
    this.#pace.resume();
  }

  /** Lets finality stand still while blocks go on, or brings it up to them. */
  holdFinality(isHeld: boolean): void {
    this.core.holdFinality(isHeld);
  }

  /** Drops so many of the newest blocks, final ones excepted, for others; gives the number of the newest block. */
  reorganise(depth: number): number {
    const { number } = this.core.reorganise(depth).header;
    this.#pace.poke();
    return number;
  }

  /** Makes a block now; gives its number. */
  produceBlock(): number {
    return this.core.produceBlock().header.number;
  }

  protected override change(edit: Edit): void {
    this.core.edit(edit);
    this.#pace.poke();
  }

  #urls(): string {
    return this.#endpoints.map(({ url }) => url).join(", ");
  }

  /** Makes the change in a block of its own; what is wrong with it is thrown, and the block is made all the same. */
  #now(edit: Edit): void {
    let thrown: unknown;
    this.core.edit((state) => {
      try {
        state.transact(() => edit(state));
      } catch (error) {
        thrown = error;
      }
    });
    this.core.produceBlock();
    if (thrown !== undefined) throw thrown;
  }
}

/** A genesis differs in its state root, so that no two devgrids have the same hash. */
function genesisHeader(): Header {
  const none = "00".repeat(32);
  return { parentHash: none, number: 0, stateRoot: randomBytes(32).toString("hex"), extrinsicsRoot: none, logs: [] };
}

/** A block of which only the header is known. */
function blockOf(header: Header): Block {
  return { hash: hashHeader(header), header, extrinsics: [], events: [], changes: new Map(), notes: [] };
}
