import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "../core/clock";
import { type Log, silentLog } from "../core/log";
import { DevgridChain } from "./chain/devgrid-chain";
import { DEV_PHRASE } from "./chain/genesis";
import { type ControlMethods, callControl, startControlServer } from "./control/control-server";
import { controlMethods } from "./control/methods";
import { type DevgridState, readState } from "./devgrid-state";
import { type DevgridStats, statsOf } from "./devgrid-stats";
import { DirectoryIndex } from "./directory/directory-index";
import { startDirectoryServer } from "./directory/directory-server";
import type { NodeFactsSource } from "./directory/node-facts";
import { type DnsServer, startDnsServer } from "./dns/dns-server";
import { NameTable } from "./dns/name-table";
import { startGraphqlServer } from "./graphql/graphql-server";
import type { HttpService } from "./http-service";
import { K3sMachines } from "./kubernetes/k3s-machines";
import { KycRegistry } from "./kyc/kyc-registry";
import { startKycServer } from "./kyc/kyc-server";
import { createDefaultPark, type Park } from "./node/default-park";
import type { DevgridNode } from "./node/devgrid-node";
import { createNodes } from "./park-nodes";
import { portRefusal } from "./port-refusal";
import { Relay } from "./relay/relay";
import { StateFile } from "./state-file";
import { StateLock } from "./state-lock";
import { Wire } from "./wire/wire";

/** Services of a devgrid that listen on a port of their own. */
export type DevgridService = "chain" | "relay" | "directory" | "graphql" | "kyc" | "dns" | "control";

/** How a devgrid is started. */
export interface DevgridStartOptions {
  /** Keeps the grid between runs. @default in memory only */
  readonly stateFile?: string;
  /** Milliseconds between blocks, or a block as soon as there is something to put in it. @default "instant" */
  readonly blockMs?: number | "instant";
  /** Farms and nodes; the same ones must be given again with a state file. @default the 12 nodes of the default park */
  readonly nodes?: Park;
  /** Fixed ports. @default any free ones */
  readonly ports?: Readonly<Partial<Record<DevgridService, number>>>;
  /** Milliseconds that each workload takes on its node. @default 10 */
  readonly provisionMs?: number;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** @default writes nothing */
  readonly log?: Log;
}

/** Where everything is, and who may use it. */
export interface DevgridDescription extends Readonly<Record<DevgridService, string>> {
  /** Phrase of the funded account, sr25519. Public knowledge. */
  readonly mnemonic: string;
  /** Twin of that account. */
  readonly twinId: number;
  /** Where to send messages (`twinId`) for a contract on `nodeId`. */
  readonly nodes: readonly {
    readonly nodeId: number;
    readonly twinId: number;
    readonly farmId: number;
    readonly country: string;
    readonly city: string;
  }[];
}

/** The funded account comes first in the genesis. */
const USER_TWIN = 1;

/** How often it is looked whether something changed that no block tells of. */
const WATCH_MS = 500;

interface Parts {
  readonly chain: DevgridChain;
  readonly relay: Relay;
  readonly nodes: ReadonlyMap<number, DevgridNode>;
  readonly index: DirectoryIndex;
  readonly kyc: KycRegistry;
  readonly k3s: K3sMachines;
  readonly names: NameTable;
  readonly dns: DnsServer;
  readonly services: Readonly<Record<"directory" | "graphql" | "kyc", HttpService>>;
  readonly wires: Readonly<Record<"chain" | "relay" | "directory", Wire>>;
  readonly chainUrl: string;
  readonly parkSeed: string;
}

/**
 * The whole grid in one process: chain, message bus, directory, GraphQL, identity check and nodes, on loopback ports.
 *
 * Differs from the real grid in what the header of each part lists.
 */
export class Devgrid {
  readonly #parts: Parts;
  readonly #methods: ControlMethods;
  readonly #closers: (() => unknown)[];
  #controlCalls = 0;
  #controlUrl = "";
  #isClosed = false;

  private constructor(parts: Parts, closers: (() => unknown)[]) {
    this.#parts = parts;
    this.#closers = closers;
    this.#methods = controlMethods({
      ...parts,
      describe: () => this.describe(),
      stats: () => this.stats(),
    });
  }

  /**
   * Starts every service; resolves when all of them answer.
   *
   * @throws {GridError} TFG_DEVGRID_STATE when the state file cannot be used, TFG_DEVGRID_BUSY while another devgrid uses it,
   * TFG_DEVGRID_PORT when a port cannot be had
   */
  static async start(options: DevgridStartOptions = {}): Promise<Devgrid> {
    const closers: (() => unknown)[] = [];
    try {
      const lock = options.stateFile === undefined ? undefined : StateLock.take(options.stateFile);
      if (lock) closers.push(() => lock.release());
      const grid = new Devgrid(await startParts(options, closers), closers);
      await grid.#listenForControl(options);
      if (options.stateFile !== undefined) await grid.#keepState(options.stateFile, options.log ?? silentLog);
      lock?.announce(grid.describe());
      return grid;
    } catch (error) {
      await closeAll(closers);
      throw portRefusal(error, options.ports ?? {}) ?? error;
    }
  }

  /** The chain, for tests that look inside or set something up. */
  get chain(): DevgridChain {
    return this.#parts.chain;
  }

  /** The message bus. */
  get relay(): Relay {
    return this.#parts.relay;
  }

  /** The nodes by number. */
  get nodes(): ReadonlyMap<number, DevgridNode> {
    return this.#parts.nodes;
  }

  /** Where everything is, and who may use it. */
  describe(): DevgridDescription {
    const { chain, chainUrl, relay, services, dns } = this.#parts;
    return {
      chain: chainUrl,
      relay: relay.url,
      directory: services.directory.url,
      graphql: `${services.graphql.url}/graphql`,
      kyc: services.kyc.url,
      dns: dns.address,
      control: `${this.#controlUrl}/control`,
      mnemonic: DEV_PHRASE,
      twinId: USER_TWIN,
      nodes: chain
        .listNodes()
        .map(({ nodeId, twinId, farmId, country, city }) => ({ nodeId, twinId, farmId, country, city })),
    };
  }

  /** What was served so far, counted on the serving side. */
  stats(): DevgridStats {
    return statsOf(this.#parts);
  }

  /** Grows with every request to any service: standing still means that nobody uses the grid. */
  activity(): number {
    const { chain, relay, k3s, services, dns } = this.#parts;
    const http = Object.values(services).reduce((sum, service) => sum + service.requestCount(), 0);
    const asked = http + dns.requestCount() + k3s.requestCount();
    return chain.requestCount + relay.traffic.count() + asked + this.#controlCalls;
  }

  /** Calls a `dev.*` method, as the control service does. @throws when a parameter is wrong */
  async control(method: string, ...params: readonly unknown[]): Promise<unknown> {
    this.#controlCalls++;
    return callControl(this.#methods, { method, params });
  }

  /** Stops everything; the state file then holds the grid as it was. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await closeAll(this.#closers);
  }

  async #listenForControl({ ports, log = silentLog }: DevgridStartOptions): Promise<void> {
    const counted = Object.entries(this.#methods).map(([name, { doc }]) => {
      return [name, { doc, run: (params: readonly unknown[]) => this.control(name, ...params) }];
    });
    const server = await startControlServer({ methods: Object.fromEntries(counted), port: ports?.control, log });
    this.#closers.push(() => server.close());
    this.#controlUrl = server.url;
  }

  async #keepState(path: string, log: Log): Promise<void> {
    const { chain } = this.#parts;
    const file = new StateFile({ path, snapshot: () => this.#snapshot(), log });
    const unsubscribe = chain.subscribe(() => file.touch());
    let seen = this.#changeCount();
    const watch = setInterval(() => {
      const now = this.#changeCount();
      if (now !== seen) file.touch();
      seen = now;
    }, WATCH_MS);
    watch.unref();
    // Closed first of all, while every part still knows everything.
    this.#closers.push(() => {
      clearInterval(watch);
      unsubscribe();
      return file.close();
    });
    await file.flush();
  }

  /** Grows with everything that may change the state. */
  #changeCount(): number {
    const { chain, nodes, k3s } = this.#parts;
    const ofNodes = [...nodes.values()].reduce((sum, { counters }) => sum + counters.jobs + counters.writes, 0);
    return chain.stats.extrinsics + ofNodes + k3s.requestCount() + this.#controlCalls;
  }

  #snapshot(): DevgridState {
    const { chain, nodes, index, kyc, k3s, names, parkSeed } = this.#parts;
    return {
      version: 1,
      parkSeed,
      chain: chain.snapshot(),
      nodes: Object.fromEntries([...nodes].map(([nodeId, node]) => [nodeId, node.snapshot()])),
      ended: index.ended(),
      kyc: kyc.toJSON(),
      k3s: k3s.snapshot(),
      names: names.toJSON(),
    };
  }
}

/** Starts the parts in the order of who needs whom; what was started is known to `closers` at once. */
async function startParts(options: DevgridStartOptions, closers: (() => unknown)[]): Promise<Parts> {
  const { stateFile, blockMs = "instant", ports = {}, clock = systemClock, log = silentLog, provisionMs } = options;
  const state = stateFile === undefined ? undefined : readState(stateFile);
  const parkSeed = state?.parkSeed ?? randomBytes(16).toString("hex");
  const park = options.nodes ?? (await createDefaultPark(parkSeed));
  const seed = { farms: park.farms, nodes: park.nodes.map((node) => node.seed) };
  const chain = await DevgridChain.create({ seed, snapshot: state?.chain, clock, blockMs, log });
  closers.push(() => chain.close());
  const relay = await Relay.start({ ledger: chain, clock, port: ports.relay, log });
  closers.push(() => relay.close());
  chain.setRelay(relay.url);
  const kyc = new KycRegistry(state?.kyc);
  const kycServer = await startKycServer({ ledger: chain, registry: kyc, port: ports.kyc, log });
  closers.push(() => kycServer.close());
  const isVerified = async (twinId: number) => {
    if (kycServer.isDown()) throw new Error("the identity check does not answer");
    return kyc.statusOf(twinId) === "VERIFIED";
  };
  const k3s = new K3sMachines({ isUp: (nodeId) => nodes.get(nodeId)?.isOnline ?? false, log });
  closers.push(() => k3s.close());
  const names = new NameTable(state?.names);
  const dns = await startDnsServer({ names, port: ports.dns, log });
  closers.push(() => dns.close());
  const resolveHost = (host: string) => names.resolve(host);
  const surroundings = { kyc: isVerified, machineHost: k3s, resolveHost };
  const common = { park, chain, relay, clock, log, provisionMs, ...surroundings };
  const nodes = createNodes({ ...common, state, stateFile: stateFile ?? "" });
  k3s.restore(state?.k3s);
  closers.push(() => {
    for (const node of nodes.values()) node.close();
  });
  const factsOf: NodeFactsSource = (nodeId) => nodes.get(nodeId)?.facts();
  const index = new DirectoryIndex({ ledger: chain, factsOf, ended: state?.ended });
  closers.push(() => index.close());
  const wire = new Wire(clock);
  closers.push(() => wire.clear());
  const now = () => chain.now();
  const directory = await startDirectoryServer({ index, factsOf, now, port: ports.directory, log, wire });
  closers.push(() => directory.close());
  const graphql = await startGraphqlServer({ index, port: ports.graphql, log, wire });
  closers.push(() => graphql.close());
  const chainUrl = await chain.listen(ports.chain);
  const services = { directory, graphql, kyc: kycServer };
  const wires = { chain: chain.wire, relay: relay.wire, directory: wire };
  return { chain, relay, nodes, index, kyc, k3s, names, dns, services, wires, chainUrl, parkSeed };
}

/** In reverse order; one that fails does not keep the others open. */
async function closeAll(closers: (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
