import { GridError, messageOf } from "../../../core/errors";
import { type Deployment, deploymentHash, parseDeployment, validateDeployment } from "../../../model/deployment";
import { diffDeployments, refuseDeploymentUpdate } from "../../../model/deployment-diff";
import { verifySignatures } from "../../../model/verify-signatures";
import { listOf, raw, struct } from "../../../model/wire/reader";
import { NodeError } from "../node-error";
import { currentsOf, type DeploymentHeader, type DeploymentRecord, type SentWorkload } from "./deployment-store";
import { type NodeParts, nodeTime } from "./node-parts";
import type { ProvisionEngine } from "./provision-engine";

/** Asks whether a twin's owner has proved who they are; rejects when there is no answer. */
export type KycCheck = (twinId: number) => Promise<boolean>;

/** What the door of a node needs. */
export interface AdmissionOptions {
  /** The identity service. */
  readonly kyc: KycCheck;
  /** Pauses in milliseconds before each new question, when the answer was no. */
  readonly kycPausesMs: readonly number[];
}

/** The default pauses of the node's retry library. @source zosbase pkg/provision/engine.go (node source) */
export const KYC_PAUSES_MS: readonly number[] = [500, 750, 1_125, 1_688, 2_531];

/**
 * Everything that is checked before a deployment is answered: the chain is not looked at yet.
 *
 * @source zosbase pkg/provision/engine.go CreateOrUpdate, Provision and Update (node source)
 */
export class Admission {
  readonly #parts: NodeParts;
  readonly #engine: ProvisionEngine;
  readonly #options: AdmissionOptions;
  #life = new AbortController();

  constructor(parts: NodeParts, engine: ProvisionEngine, options: AdmissionOptions) {
    this.#parts = parts;
    this.#engine = engine;
    this.#options = options;
  }

  /** Gives up everything that is still being checked: the node lost its power. */
  drop(): void {
    this.#life.abort(new NodeError("node is shutting down"));
    this.#life = new AbortController();
  }

  /** Takes a new deployment in. @throws {NodeError} and nothing is stored */
  async deploy(sourceTwinId: number, payload: unknown): Promise<void> {
    const sent = await this.#admit(sourceTwinId, payload);
    if (sent.version !== 0) throw new NodeError("expected version to be 0 on deployment creation: invalid version");
    const owner = { twinId: sent.twin_id, contractId: sent.contract_id };
    this.#parts.store.create(owner, headerOf(sent), sentWorkloads(sent, payload), nodeTime(this.#parts));
    this.#engine.enqueue({ kind: "provision", ...owner, hash: deploymentHash(sent) });
  }

  /** Takes a new version of a deployment in. @throws {NodeError} and nothing is stored */
  async update(sourceTwinId: number, payload: unknown): Promise<void> {
    const sent = await this.#admit(sourceTwinId, payload);
    const record = this.#requireRecord(sent.twin_id, sent.contract_id);
    const stored = deploymentOf(record);
    const refusal = refuseDeploymentUpdate(stored, sent);
    if (refusal) throw new NodeError(refusal);
    const diff = diffDeployments(stored, sent);
    const ops = "ops" in diff ? diff.ops : [];
    const workloads = [...currentsOf(record), ...sentWorkloads(sent, payload)];
    const steps = ops.flatMap(({ op, workload: { name } }) => {
      const workload = op === "remove" ? workloads.find(named(name)) : workloads.findLast(named(name));
      return workload ? [{ op, workload }] : [];
    });
    record.header = headerOf(sent);
    const { twinId, contractId } = record;
    this.#engine.enqueue({ kind: "update", twinId, contractId, hash: deploymentHash(sent), steps });
  }

  async #admit(sourceTwinId: number, payload: unknown): Promise<Deployment> {
    const sent = parse(payload);
    const invalid = validateDeployment(sent);
    if (invalid) throw new NodeError(invalid);
    if (sent.twin_id !== sourceTwinId) {
      throw new NodeError(`twin id mismatch (deployment: ${sent.twin_id}, message: ${sourceTwinId})`);
    }
    await this.#requireVerified(sourceTwinId, this.#life.signal);
    const badSignature = verifySignatures(sent, (twinId) => this.#parts.ledger.getTwin(twinId)?.accountId);
    if (badSignature) throw new NodeError(badSignature);
    return sent;
  }

  async #requireVerified(twinId: number, life: AbortSignal): Promise<void> {
    let refusal = await this.#kycRefusal(twinId);
    for (const pause of this.#options.kycPausesMs) {
      if (refusal === undefined) break;
      await this.#parts.clock.sleep(pause, life);
      refusal = await this.#kycRefusal(twinId);
    }
    life.throwIfAborted();
    if (refusal !== undefined) throw new NodeError(refusal);
  }

  async #kycRefusal(twinId: number): Promise<string | undefined> {
    try {
      return (await this.#options.kyc(twinId)) ? undefined : `user with twin id ${twinId} is not verified`;
    } catch (error) {
      this.#parts.log("warn", "identity check gave no answer", { twinId, error: messageOf(error) });
      return "failed to get twin verification status";
    }
  }

  #requireRecord(twinId: number, contractId: number): DeploymentRecord {
    const { store } = this.#parts;
    const record = store.get(twinId, contractId);
    if (record) return record;
    const isKnownTwin = store.list().some((candidate) => candidate.twinId === twinId);
    throw new NodeError(`${isKnownTwin ? "deployment" : "twin"} not found: deployment does not exist`);
  }
}

/** A deployment as it is now, in the shape it has on the wire. */
function deploymentOf(record: DeploymentRecord): Deployment {
  return parseDeployment(wireDeployment(record));
}

/** A deployment as `get` shows it: workloads as they were sent, without those that were removed. */
export function wireDeployment(record: DeploymentRecord) {
  const { version, metadata, description, signatureRequirement } = record.header;
  return {
    version,
    twin_id: record.twinId,
    contract_id: record.contractId,
    metadata,
    description,
    expiration: 0,
    signature_requirement: signatureRequirement,
    workloads: currentsOf(record),
  };
}

function parse(payload: unknown): Deployment {
  if (payload === undefined) throw new NodeError("unexpected end of JSON input");
  try {
    return parseDeployment(payload);
  } catch (error) {
    if (!(error instanceof GridError)) throw error;
    throw new NodeError(error.summary);
  }
}

function headerOf({ version, metadata, description, signature_requirement }: Deployment): DeploymentHeader {
  return { version, metadata, description, signatureRequirement: signature_requirement };
}

const readRawWorkloads = struct<{ workloads: readonly { data?: unknown }[] }>({
  workloads: listOf(struct<{ data?: unknown }>({ data: raw })),
});

/** The workloads with their arguments exactly as they came. */
function sentWorkloads(sent: Deployment, payload: unknown): SentWorkload[] {
  const { workloads } = readRawWorkloads(payload, "deployment");
  return sent.workloads.map(({ version, name, type, metadata, description }, i) => {
    return { version, name, type, data: workloads[i]?.data ?? null, metadata, description };
  });
}

function named(name: string): (workload: SentWorkload) => boolean {
  return (workload) => workload.name === name;
}
