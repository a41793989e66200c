import { NodeError } from "../node-error";

/** What became of a workload, as it travels in `get` and `changes`. */
export interface StoredResult {
  /** Unix seconds. */
  readonly created: number;
  /** `init` is queued, `paused` is unpaid; `unchanged` is an update that failed while the old state runs on. */
  readonly state: "init" | "ok" | "error" | "deleted" | "paused" | "unchanged";
  /** Why, unless all is well. */
  readonly message: string;
  /** What the deployer needs in order to use it; null when there is nothing to tell. */
  readonly data: unknown;
}

/** A workload as its owner sent it. */
export interface SentWorkload {
  /** Deployment version that last changed it. */
  readonly version: number;
  /** Unique in its deployment. */
  readonly name: string;
  /** One of the types of the wire format. */
  readonly type: string;
  /** Exactly as it came, odd spellings and unknown fields included. */
  readonly data: unknown;
  /** Free text. */
  readonly metadata: string;
  /** Free text. */
  readonly description: string;
}

/** One entry of a deployment's history. */
export interface StoredWorkload extends SentWorkload {
  /** What became of it. */
  readonly result: StoredResult;
}

/** The part of a deployment that an update replaces at once, before any job runs. */
export interface DeploymentHeader {
  /** 0, then one more per update. */
  readonly version: number;
  /** Free text. */
  readonly metadata: string;
  /** Free text. */
  readonly description: string;
  /** As on the wire, signatures included. */
  readonly signatureRequirement: unknown;
}

/** A deployment and all that ever happened to its workloads. Plain JSON. */
export interface DeploymentRecord {
  /** Its owner. */
  readonly twinId: number;
  /** Its node contract. */
  readonly contractId: number;
  /** The last one accepted. */
  header: DeploymentHeader;
  /** Workloads that were not removed, in the order they came. */
  readonly active: { readonly name: string; readonly type: string }[];
  /** Oldest first. */
  readonly changes: StoredWorkload[];
}

/** Types that every deployment of the same twin may refer to by name, so that a name is taken once per twin. */
const SHARED_TYPES = ["network", "network-light"];

/**
 * Deployments as a node keeps them: a workload has no state of its own, its state is its last entry in the history.
 *
 * @source zosbase pkg/provision/storage (node source)
 */
export class DeploymentStore {
  readonly #records = new Map<string, DeploymentRecord>();

  constructor(records: readonly DeploymentRecord[]) {
    for (const record of structuredClone(records)) this.#records.set(keyOf(record.twinId, record.contractId), record);
  }

  /** Takes a deployment in with every workload in `init`. @throws {NodeError} `exists`, or `… conflict`: nothing stored */
  create(
    owner: { readonly twinId: number; readonly contractId: number },
    header: DeploymentHeader,
    workloads: readonly SentWorkload[],
    created: number,
  ): void {
    const key = keyOf(owner.twinId, owner.contractId);
    if (this.#records.has(key)) throw new NodeError("exists");
    for (const workload of workloads) this.#requireFreeName(owner.twinId, workload);
    const record: DeploymentRecord = { ...owner, header, active: [], changes: [] };
    this.#records.set(key, record);
    for (const workload of workloads) start(record, workload, created);
  }

  /** A twin's deployment. */
  get(twinId: number, contractId: number): DeploymentRecord | undefined {
    return this.#records.get(keyOf(twinId, contractId));
  }

  /** The deployment of a contract, whoever owns it. */
  byContract(contractId: number): DeploymentRecord | undefined {
    return this.list().find((record) => record.contractId === contractId);
  }

  /** Every deployment, in the order they came. */
  list(): DeploymentRecord[] {
    return [...this.#records.values()];
  }

  /** Adds a workload in `init`. @throws {NodeError} when a network of that name exists already */
  add(record: DeploymentRecord, workload: SentWorkload, created: number): void {
    this.#requireFreeName(record.twinId, workload);
    start(record, workload, created);
  }

  /** Forgets a deployment and its history. */
  delete(record: DeploymentRecord): void {
    this.#records.delete(keyOf(record.twinId, record.contractId));
  }

  /** Everything, ready for JSON. */
  toJson(): DeploymentRecord[] {
    return structuredClone(this.list());
  }

  #requireFreeName(twinId: number, workload: SentWorkload): void {
    if (!SHARED_TYPES.includes(workload.type)) return;
    const taken = this.list().some(
      (record) =>
        record.twinId === twinId &&
        record.active.some(({ name, type }) => name === workload.name && SHARED_TYPES.includes(type)),
    );
    if (taken) throw new NodeError(`global workload with the same name '${workload.name}' exists: conflict`);
  }
}

/** The last entry of a workload that was not removed; entries in `unchanged` don't count. */
export function currentOf(record: DeploymentRecord, name: string): StoredWorkload | undefined {
  if (!record.active.some((active) => active.name === name)) return undefined;
  return record.changes.findLast((entry) => entry.name === name && entry.result.state !== "unchanged");
}

/** The last entry of every workload that was not removed. */
export function currentsOf(record: DeploymentRecord): StoredWorkload[] {
  return record.active.map(({ name }) => currentOf(record, name)).filter((entry) => entry !== undefined);
}

/** Writes the next entry of a workload's history. */
export function transact(record: DeploymentRecord, workload: SentWorkload, result: StoredResult): void {
  record.changes.push({ ...sentPart(workload), result });
}

/** Takes a workload out of `get`; its history stays. */
export function remove(record: DeploymentRecord, name: string): void {
  const index = record.active.findIndex((active) => active.name === name);
  if (index >= 0) record.active.splice(index, 1);
}

/** True while a workload counts as used: it runs, or it would if it were paid for. */
export function isOkay(workload: StoredWorkload): boolean {
  return workload.result.state === "ok" || workload.result.state === "paused";
}

/** True while at least one workload is neither deleted nor in error. */
export function isActive(record: DeploymentRecord): boolean {
  return currentsOf(record).some((workload) => !["deleted", "error"].includes(workload.result.state));
}

/** The name of a workload on its node: disk id, VM id, zdb namespace. */
export function workloadId(owner: { readonly twinId: number; readonly contractId: number }, name: string): string {
  return `${owner.twinId}-${owner.contractId}-${name}`;
}

function start(record: DeploymentRecord, workload: SentWorkload, created: number): void {
  record.active.push({ name: workload.name, type: workload.type });
  transact(record, workload, { created, state: "init", message: "", data: null });
}

function sentPart({ version, name, type, data, metadata, description }: SentWorkload): SentWorkload {
  return { version, name, type, data, metadata, description };
}

function keyOf(twinId: number, contractId: number): string {
  return `${twinId}-${contractId}`;
}
