/**
 * An emulated Zero-OS node: takes deployments over the message bus, checks, queues, provisions and remembers them the
 * way a real one does, in the same order and with the same words. What runs on it is bookkeeping: no machine boots.
 *
 * Differs from the real service:
 * - Nothing is started or downloaded. An flist is taken when its address looks like one; official disk images are known
 *   by name and taken to be 2 GiB; everything else is a container image.
 * - Host names of domain gateways are taken to point to the node unless a resolver is given. Gateways carry no requests; a
 *   certificate is a word, and own domains have theirs five seconds after they are first served.
 * - Contracts, rent and twins are read from the ledger and never stale; a missing contract is waited for all the same.
 * - Taking down what never came up succeeds. A real node fails to take down such a network or volume, and keeps it, and
 *   the network's name, in error until it is reinstalled.
 * - A gateway whose name contract ends goes down at once, not at the next of the periodic checks.
 * - It compares itself with the chain hourly when it is next asked something, and not by itself.
 * - While cut off a node does nothing at all; a real one without network goes on with what it has.
 * - Pools wake up at no cost, the cache volume never grows, and memory and disks hold nothing but what was asked for
 *   and what `addUsage` added.
 * - Yggdrasil and zdb addresses are made up; mycelium addresses are the real ones of their keys.
 * - Measurements (`zos.perf.*`), diagnostics and hardware descriptions are constant and healthy.
 *
 * @source zosbase 1.0.10 (node source)
 */
import type { Clock } from "../../core/clock";
import { type Log, silentLog } from "../../core/log";
import type { KeyPair } from "../../model/key-pair";
import type { NodeFacts } from "../directory/node-facts";
import type { Ledger } from "../ledger";
import type { Relay } from "../relay/relay";
import { Admission, KYC_PAUSES_MS, type KycCheck } from "./engine/admission";
import { ChainWatch } from "./engine/chain-watch";
import { DeploymentStore } from "./engine/deployment-store";
import { FaultList, type NodeFault } from "./engine/faults";
import { statisticsOf } from "./engine/node-capacity";
import type { NodeParts } from "./engine/node-parts";
import { ProvisionEngine, rebootJobs } from "./engine/provision-engine";
import type { CommandTable } from "./handlers/command";
import { commandsOf } from "./handlers/commands";
import { listGpus } from "./handlers/system";
import { featuresOf, isLight, type NodeHardware } from "./hardware";
import { NodeError } from "./node-error";
import type { NodeCounters, NodeEndpoint, NodeSnapshot } from "./node-snapshot";
import { NodePeer } from "./peer";
import type { MachineHost } from "./runtime/machine-host";
import { afterPowerLoss, EMPTY_RUNTIME, NodeRuntime, type RuntimeState } from "./runtime/node-runtime";
import { ownIpv6 } from "./runtime/public-ipv6";
import { type GatewayReport, reportOf, type ServedDomain } from "./runtime/served-domain";

/** What an emulated node is made from. */
export interface DevgridNodeOptions {
  /** Its number on the chain. */
  readonly nodeId: number;
  /** The node's own twin. */
  readonly twinId: number;
  /** ed25519 account of that twin. */
  readonly keys: KeyPair;
  /** The chain, as it is at any moment. */
  readonly ledger: Ledger;
  /** Asked before every deploy and update. */
  readonly kyc: KycCheck;
  /** Paces jobs and waits; what is dated is dated by the ledger. */
  readonly clock: Clock;
  /** What it is made of. */
  readonly hardware: NodeHardware;
  /** Where oddities are told. @default nowhere */
  readonly log?: Log;
  /** Draws from 0 to below 1, which only decide in what order `get` lists workloads. @default Math.random */
  readonly random?: () => number;
  /** Milliseconds that each workload takes. @default 10 */
  readonly provisionMs?: number;
  /** Pauses in milliseconds between questions about an unverified twin. @default the real ones, 6.6 s together */
  readonly kycPausesMs?: readonly number[];
  /** Addresses behind a host name. @default every name points to the node that asks */
  readonly resolveHost?: (host: string) => readonly string[];
  /** Plays the insides of machines. @default nobody looks inside */
  readonly machineHost?: MachineHost;
}

const WRITES = ["zos.deployment.deploy", "zos.deployment.update"];

/** A node of a devgrid: on the message bus through `peer`, under the control of tests through its methods. */
export class DevgridNode {
  /** Its number on the chain. */
  readonly nodeId: number;
  /** The twin that messages to it are sent to. */
  readonly twinId: number;
  /** Its side of the message bus. */
  readonly peer: NodePeer;
  readonly #parts: NodeParts;
  readonly #engine: ProvisionEngine;
  readonly #admission: Admission;
  readonly #commands: CommandTable;
  readonly #watch: ChainWatch;
  #received: Record<string, number> = {};
  #relay: Pick<Relay, "attach"> | undefined;
  #isOnline = true;
  readonly #closing = new AbortController();
  /** Called when a workload was worked on. */
  #onStep: () => void = () => undefined;

  constructor(options: DevgridNodeOptions) {
    const { nodeId, twinId, keys, ledger, clock, log = silentLog, hardware } = options;
    this.nodeId = nodeId;
    this.twinId = twinId;
    this.#parts = {
      nodeId,
      ledger,
      clock,
      log,
      random: options.random ?? Math.random,
      faults: new FaultList([]),
      store: new DeploymentStore([]),
      runtime: new NodeRuntime(
        { nodeId, hardware, ledger, resolveHost: options.resolveHost, machineHost: options.machineHost },
        EMPTY_RUNTIME,
      ),
    };
    const onStep = () => this.#onStep();
    this.#engine = new ProvisionEngine(this.#parts, { provisionMs: options.provisionMs ?? 10, onStep });
    this.#admission = new Admission(this.#parts, this.#engine, {
      kyc: options.kyc,
      kycPausesMs: options.kycPausesMs ?? KYC_PAUSES_MS,
    });
    this.#watch = new ChainWatch(this.#parts, this.#engine);
    this.#commands = commandsOf(hardware);
    this.peer = new NodePeer({ keys, twinId, ledger, clock, log });
    this.#registerCommands();
    this.#engine.start();
  }

  /** False while the node is cut off. */
  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** What was served so far. */
  get counters(): NodeCounters {
    const writes = WRITES.reduce((sum, command) => sum + (this.#received[command] ?? 0), 0);
    return { jobs: this.#engine.jobsDone, commands: { ...this.#received }, writes };
  }

  /** Goes on the message bus, now and after every absence. */
  connect(relay: Pick<Relay, "attach">): void {
    this.#relay = relay;
    if (this.#isOnline) this.peer.connect(relay);
  }

  /** Leaves the bus and stops working for good. */
  close(): void {
    this.#closing.abort();
    this.#cutOff();
  }

  /** Answers a command as the message bus would have it answered. @throws {NodeError} with the node's words */
  async handle(sourceTwinId: number, command: string, payload?: unknown): Promise<unknown> {
    if (!this.#isOnline) throw new NodeError("node is cut off");
    this.#watch.compareHourly();
    const serve = Object.hasOwn(this.#commands, command) ? this.#commands[command] : undefined;
    if (!serve) throw new NodeError("function is not found");
    this.#received[command] = (this.#received[command] ?? 0) + 1;
    this.#parts.faults.checkCommand(command);
    return serve({ parts: this.#parts, admission: this.#admission }, sourceTwinId, payload);
  }

  /** Resolves when no job is left, or the node is cut off. */
  async idle(): Promise<void> {
    await this.#engine.idle();
  }

  /** What the directory learns from the node. */
  facts(): NodeFacts {
    const { runtime, store } = this.#parts;
    const { hardware } = runtime.surroundings;
    return {
      isOnline: this.#isOnline,
      isHealthy: this.#isOnline,
      features: featuresOf(hardware),
      gpus: listGpus(this.#parts),
      hasIpv6: !isLight(hardware) && ownIpv6(hardware) !== undefined,
      workloadCount: statisticsOf(runtime, store).users.workloads,
      statistics: () => statisticsOf(runtime, store),
    };
  }

  /** Cuts the node off, work included, or brings it back: it then catches up with the chain first. */
  setOnline(isOnline: boolean): void {
    if (isOnline === this.#isOnline) return;
    if (isOnline) this.#comeBack();
    else this.#cutOff();
  }

  /** Power off and, so much later, on: what was running is set up again, jobs that waited are gone. */
  reboot(downMs = 0): void {
    this.#onStep = () => undefined;
    this.#cutOff();
    this.#setRuntime(afterPowerLoss(this.#parts.runtime.toJson()));
    this.#engine.setJobs(rebootJobs(this.#parts.store.list()));
    if (downMs === 0) this.#comeBack();
    else void this.#comeBackIn(downMs);
  }

  /** Reboots as soon as so many more workloads were worked on: in the middle of a deployment, if it has more. */
  rebootAfter(steps: number, downMs = 0): void {
    let left = steps;
    this.#onStep = () => {
      left--;
      if (left <= 0) this.reboot(downMs);
    };
  }

  /** Wipes the disks: every deployment is forgotten while its contract goes on. */
  reinstall(): void {
    this.#cutOff();
    this.#parts.store = new DeploymentStore([]);
    this.#setRuntime(EMPTY_RUNTIME);
    this.#engine.setJobs([]);
    this.#comeBack();
  }

  /** Lets the next matching command or workload fail. */
  failNext(fault: NodeFault): void {
    this.#parts.faults.add(fault);
  }

  /** Changes the node's public config or addresses. */
  setEndpoint(endpoint: Partial<NodeEndpoint>): void {
    const { surroundings } = this.#parts.runtime;
    surroundings.hardware = { ...surroundings.hardware, ...endpoint };
  }

  /** What its web gateway serves, and how far each certificate is. */
  gateways(): readonly GatewayReport[] {
    const { ledger, runtime } = this.#parts;
    return [...runtime.domains.values()].map((domain) => reportOf(domain, ledger.now()));
  }

  /** Lets the certificate of a served domain be as given from now on. Gives whether the domain is served here. */
  setCertificate(fqdn: string, forced: NonNullable<ServedDomain["forced"]>): boolean {
    const { domains } = this.#parts.runtime;
    const domain = domains.get(fqdn);
    if (domain) domains.set(fqdn, { ...domain, forced });
    return domain !== undefined;
  }

  /** Lets something other than a deployment take bytes of memory, SSD or HDD; negative gives them back. */
  addUsage({ mru = 0, sru = 0, hru = 0 }: { mru?: number; sru?: number; hru?: number }): void {
    const { runtime } = this.#parts;
    runtime.foreignMemory = Math.max(0, runtime.foreignMemory + mru);
    runtime.pools.addForeign("ssd", sru);
    runtime.pools.addForeign("hdd", hru);
  }

  /** Everything the node knows. A job at work counts as not begun. */
  snapshot(): NodeSnapshot {
    const { store, runtime, faults } = this.#parts;
    const { publicConfig, interfaces } = runtime.surroundings.hardware;
    return structuredClone({
      deployments: store.toJson(),
      runtime: runtime.toJson(),
      jobs: [...this.#engine.jobs],
      faults: faults.toJson(),
      endpoint: { publicConfig, interfaces },
      isOnline: this.#isOnline,
      counters: this.counters,
    });
  }

  /** Becomes the node of a snapshot and goes on where that one was. */
  restore(snapshot: NodeSnapshot): void {
    this.#cutOff();
    const { deployments, runtime, jobs, faults, endpoint, counters, isOnline } = structuredClone(snapshot);
    this.#parts.store = new DeploymentStore(deployments);
    this.#parts.faults = new FaultList(faults);
    // JSON leaves the key of a missing public config out.
    this.setEndpoint({ publicConfig: endpoint.publicConfig, interfaces: endpoint.interfaces });
    this.#setRuntime(runtime);
    this.#engine.setJobs(jobs);
    this.#engine.jobsDone = counters.jobs;
    this.#received = { ...counters.commands };
    if (isOnline) this.#comeBack();
  }

  #registerCommands(): void {
    for (const command of Object.keys(this.#commands)) {
      this.peer.handle(command, async (twinId, payload) => this.handle(twinId, command, decode(payload)));
    }
  }

  #setRuntime(state: RuntimeState): void {
    this.#tellHost(state);
    this.#parts.runtime = new NodeRuntime(this.#parts.runtime.surroundings, state);
  }

  /** What ran or lay on a disk, and no longer does. */
  #tellHost(next: RuntimeState): void {
    const { surroundings, machines, pools } = this.#parts.runtime;
    for (const id of machines.keys()) {
      if (!next.machines.some((machine) => machine.id === id)) surroundings.machineHost?.stopped(id);
    }
    for (const { kind, id } of pools.toJson().allocations) {
      const isKept = next.storage.allocations.some((other) => other.kind === kind && other.id === id);
      if (kind === "disk" && !isKept) surroundings.machineHost?.wiped(id);
    }
  }

  #cutOff(): void {
    this.#isOnline = false;
    this.#watch.stop();
    this.#admission.drop();
    this.#engine.halt();
    this.peer.disconnect();
  }

  async #comeBackIn(ms: number): Promise<void> {
    try {
      await this.#parts.clock.sleep(ms, this.#closing.signal);
    } catch {
      // Closed while it was off.
      return;
    }
    this.setOnline(true);
  }

  #comeBack(): void {
    this.#isOnline = true;
    this.#watch.start();
    this.#engine.start();
    if (this.#relay) this.peer.connect(this.#relay);
  }
}

/** The payload of a message. Its content may be secret and is never quoted. */
function decode(payload: Buffer): unknown {
  if (payload.length === 0) return undefined;
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    // The parser's own words would quote what was sent.
    throw new NodeError("invalid character in JSON input");
  }
}
