import { poll } from "../../../core/backoff";
import { messageOf } from "../../../core/errors";
import type { Contract } from "../../../model/contract";
import type { WorkloadType } from "../../../model/workloads/workload";
import { NodeError } from "../node-error";
import { TYPE_ORDER } from "../primitives/primitives";
import {
  currentsOf,
  type DeploymentRecord,
  isActive,
  type SentWorkload,
  type StoredWorkload,
  transact,
} from "./deployment-store";
import { usedBy } from "./node-capacity";
import { type NodeParts, nodeTime } from "./node-parts";
import { installWorkload, type JobSite, lockWorkload, uninstallWorkload, updateWorkload } from "./workload-life";

/** One step of an update. */
export interface UpdateStep {
  /** What happens to the workload. */
  readonly op: "add" | "update" | "remove";
  /** As sent; as stored when removed. */
  readonly workload: SentWorkload;
}

/** Something to be done about a deployment. Plain JSON: jobs outlive the process. */
export type Job = { readonly twinId: number; readonly contractId: number } & (
  | { readonly kind: "provision" /** Of the deployment as sent. */; readonly hash: string }
  | { readonly kind: "reprovision" }
  | { readonly kind: "update"; readonly hash: string; readonly steps: readonly UpdateStep[] }
  | { readonly kind: "deprovision" | "pause" | "resume" }
);

/** How long the contract of a job is looked for: a node whose chain lags heals within this. @source observed, about 5 s */
const CONTRACT_DEADLINE_MS = 5_000;

/**
 * Does one job after the other, everyone's in one queue. A job that was interrupted is done again from its start.
 *
 * @source zosbase pkg/provision/engine.go (node source)
 */
export class ProvisionEngine {
  readonly #parts: NodeParts;
  readonly #provisionMs: number;
  readonly #onStep: () => void;
  readonly #jobs: Job[] = [];
  #running: AbortController | undefined;
  #work = Promise.resolve();
  /** Jobs done since the node was made. */
  jobsDone = 0;

  /** @param options `onStep` is called after each workload that was worked on */
  constructor(parts: NodeParts, options: { readonly provisionMs: number; readonly onStep: () => void }) {
    this.#parts = parts;
    this.#provisionMs = options.provisionMs;
    this.#onStep = options.onStep;
  }

  /** Jobs that wait, the one at work first. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /** Queues a job. */
  enqueue(job: Job): void {
    this.#jobs.push(job);
    this.#wake();
  }

  /** Starts to work. */
  start(): void {
    this.#running ??= new AbortController();
    this.#wake();
  }

  /** Stops at once, in the middle of a job if need be. */
  halt(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  /** Replaces the queue. */
  setJobs(jobs: readonly Job[]): void {
    this.#jobs.splice(0, this.#jobs.length, ...jobs);
    this.#wake();
  }

  /** Resolves when nothing is left to do, or the engine was halted. */
  async idle(): Promise<void> {
    for (let work: Promise<void> | undefined; work !== this.#work; ) {
      work = this.#work;
      await work;
    }
  }

  #wake(): void {
    const signal = this.#running?.signal;
    if (signal) this.#work = this.#work.then(() => this.#drain(signal));
  }

  async #drain(signal: AbortSignal): Promise<void> {
    for (let job = this.#jobs[0]; job && !signal.aborted; job = this.#jobs[0]) {
      try {
        await this.#run(job, signal);
      } catch (error) {
        // Halted: the job stays at the head of the queue.
        if (signal.aborted) return;
        this.#parts.log("error", "a node job failed unexpectedly", { job: job.kind, error: messageOf(error) });
      }
      // The queue may have been replaced while the job ran.
      if (this.#jobs[0] === job) this.#jobs.shift();
      this.jobsDone++;
    }
  }

  async #run(job: Job, signal: AbortSignal): Promise<void> {
    const record = this.#parts.store.get(job.twinId, job.contractId);
    if (!record) return;
    const site = await this.#siteOf(job, record, signal);
    if (!site) return;
    if (job.kind === "update") await this.#update(site, job.steps, signal);
    else if (job.kind === "deprovision") this.#uninstall(site);
    else if (job.kind === "pause" || job.kind === "resume") this.#lock(record, job.kind === "pause");
    else await this.#install(site, signal);
    this.#report(record);
  }

  /** Checks the contract where the job needs it; undefined when every workload was marked with what is wrong. */
  async #siteOf(job: Job, record: DeploymentRecord, signal: AbortSignal): Promise<JobSite | undefined> {
    const { ledger, nodeId } = this.#parts;
    const isRented = ledger.getRentContractId(nodeId) !== undefined;
    if (!["provision", "reprovision", "update"].includes(job.kind)) return { record, contract: undefined, isRented };
    try {
      const contract = await this.#findContract(job.contractId, signal);
      signal.throwIfAborted();
      if (contract.kind !== "node") throw new NodeError("invalid contract type, expecting node contract");
      if ("hash" in job) {
        if (contract.nodeId !== nodeId) throw new NodeError("invalid node address in contract");
        if (contract.deploymentHash !== job.hash) throw new NodeError("contract hash does not match deployment hash");
      }
      return { record, contract, isRented };
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      const result = { created: nodeTime(this.#parts), state: "error", message: error.message, data: null } as const;
      for (const workload of currentsOf(record)) transact(record, workload, result);
      return undefined;
    }
  }

  async #findContract(contractId: number, signal: AbortSignal): Promise<Contract> {
    return poll(
      {
        clock: this.#parts.clock,
        firstMs: 250,
        maxMs: 1_000,
        deadlineMs: CONTRACT_DEADLINE_MS,
        signal,
        onTimeout: () => new NodeError("failed to get deployment contract: object not found"),
      },
      async () => this.#parts.ledger.getContract(contractId),
    );
  }

  async #install(site: JobSite, signal: AbortSignal): Promise<void> {
    for (const workload of inInstallOrder(currentsOf(site.record))) {
      await this.#takeTime(signal);
      this.#guarded(() => installWorkload(this.#parts, site, workload));
    }
  }

  async #update(site: JobSite, steps: readonly UpdateStep[], signal: AbortSignal): Promise<void> {
    for (const { op, workload } of inUpdateOrder(steps)) {
      await this.#takeTime(signal);
      this.#guarded(() => {
        if (op === "remove") uninstallWorkload(this.#parts, site, workload.name, "deleted by an update");
        else if (op === "add") installWorkload(this.#parts, site, workload);
        else updateWorkload(this.#parts, site, workload);
      });
    }
  }

  #uninstall(site: JobSite): void {
    const { record } = site;
    const names = inInstallOrder(currentsOf(record)).map((workload) => workload.name);
    const gone = names.reverse().map((name) => uninstallWorkload(this.#parts, site, name, "contract ended"));
    if (gone.every(Boolean)) this.#parts.store.delete(record);
  }

  #lock(record: DeploymentRecord, pause: boolean): void {
    for (const { name } of currentsOf(record)) lockWorkload(this.#parts, record, name, pause);
  }

  /** A workload that can't be noted down leaves no trace, and the others go on. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#parts.log("warn", "a node step left no entry", { error: messageOf(error) });
    }
    this.#onStep();
  }

  async #takeTime(signal: AbortSignal): Promise<void> {
    if (this.#provisionMs > 0) await this.#parts.clock.sleep(this.#provisionMs, signal);
    signal.throwIfAborted();
  }

  #report(record: DeploymentRecord): void {
    const { ledger, store } = this.#parts;
    if (!store.get(record.twinId, record.contractId) || !ledger.getContract(record.contractId)) return;
    const { cru, mru, sru, hru } = usedBy(record);
    ledger.reportUsedResources(record.contractId, { cru, mru, sru, hru });
  }
}

/** Jobs that bring everything up again after a reboot. */
export function rebootJobs(records: readonly DeploymentRecord[]): Job[] {
  return records
    .filter(isActive)
    .map(({ twinId, contractId }) => ({ kind: "reprovision" as const, twinId, contractId }));
}

/** By type; the biggest disks first, so that small ones don't take the only pool that fits. */
function inInstallOrder(workloads: readonly StoredWorkload[]): StoredWorkload[] {
  return [...workloads].sort((a, b) => rankOf(a.type) - rankOf(b.type) || mountSize(b) - mountSize(a));
}

/** Removals first, in reverse type order; then additions and changes by type. */
function inUpdateOrder(steps: readonly UpdateStep[]): UpdateStep[] {
  const rank = ({ op, workload }: UpdateStep) => (rankOf(workload.type) + 1) * (op === "remove" ? -1 : 1);
  return [...steps].sort((a, b) => rank(a) - rank(b));
}

function rankOf(type: string): number {
  return TYPE_ORDER.indexOf(type as WorkloadType);
}

function mountSize({ type, data }: StoredWorkload): number {
  if (type !== "zmount" && type !== "volume") return 0;
  const size = typeof data === "object" && data !== null && "size" in data ? data.size : 0;
  return typeof size === "number" ? size : 0;
}
