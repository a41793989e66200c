/**
 * A versioned, signed set of workloads on one node under one contract, in the shape it has on the wire. Reading, checking
 * and hashing follow the node to the letter: a hash that differs in one character burns a contract.
 *
 * @source zosbase pkg/gridtypes/deployment.go and workload.go
 */
import { createHash } from "node:crypto";
import { GridError } from "../core/errors";
import { type Capacity, sumCapacity } from "./capacity";
import {
  flag,
  isAbsent,
  listOf,
  malformed,
  type Reader,
  raw,
  struct,
  text,
  timestamp,
  unsigned,
  unsigned64,
} from "./wire/reader";
import { nameProblem } from "./workloads/parts/workload-name";
import {
  isWorkloadType,
  workloadCapacity,
  workloadChallenge,
  workloadModels,
  workloadProblem,
} from "./workloads/registry";
import {
  type AnyWorkload,
  UNTOUCHED,
  WORKLOAD_STATES,
  type WorkloadResult,
  type WorkloadState,
} from "./workloads/workload";

/** A twin that has to sign. List only twins that will: a request without a signature fails even when not required. */
export interface SignatureRequest {
  /** Who. */
  readonly twin_id: number;
  /** The owner's request counts as required whatever this says. */
  readonly required: boolean;
  /** Added up over valid signatures. */
  readonly weight: number;
}

/** A signature over the deployment's hash. */
export interface DeploymentSignature {
  /** Who signed. */
  readonly twin_id: number;
  /** 128 hexadecimal digits, no prefix. */
  readonly signature: string;
  /** `sr25519`; anything else counts as `ed25519`. */
  readonly signature_type: string;
}

/** Who has to sign, and who did. */
export interface SignatureRequirement {
  /** Checked in this order; hashed. */
  readonly requests: readonly SignatureRequest[];
  /** Sum of weights to reach; hashed. */
  readonly weight_required: number;
  /** Not hashed. */
  readonly signatures: readonly DeploymentSignature[];
  /** Empty, or `polka-wallet` for signatures made by browser wallets; hashed. */
  readonly signature_style: string;
}

/** A deployment as it travels. */
export interface Deployment {
  /** 0 at creation, then one more per update. */
  readonly version: number;
  /** Owner; must be the twin that sends it. */
  readonly twin_id: number;
  /** Node contract; not hashed, because the contract is made from the hash. */
  readonly contract_id: number;
  /** Free text, by convention JSON. */
  readonly metadata: string;
  /** Free text. */
  readonly description: string;
  /** Deprecated but hashed; unix seconds, send 0. The node does not store it. */
  readonly expiration: number;
  /** Who has to sign, and who did. */
  readonly signature_requirement: SignatureRequirement;
  /** Hashed in this order; the node gives them back in any order. */
  readonly workloads: readonly AnyWorkload[];
}

/** A state that nobody knows counts as none: nodes take any text, and a newer one may have more of them. */
const readState: Reader<WorkloadState> = (value, path) => {
  const given = text(value, path);
  return WORKLOAD_STATES.find((known) => known === given) ?? "";
};

const readResult = struct<WorkloadResult>({ created: timestamp, state: readState, message: text, data: raw });

/** A workload whose type, and with it the shape of its data, is not known yet. */
interface Frame extends Omit<AnyWorkload, "type" | "data"> {
  readonly type: string;
  readonly data?: unknown;
}

const readFrame = struct<Frame>({
  version: unsigned(32),
  name: text,
  type: text,
  data: raw,
  metadata: text,
  description: text,
  result: (value, path) => ({ ...UNTOUCHED, ...readResult(value, path) }),
});

/**
 * Reads one workload.
 *
 * @throws {GridError} TFG_MALFORMED naming the path; TFG_UNKNOWN_WORKLOAD with the node's words as summary.
 */
export const parseWorkload: Reader<AnyWorkload> = (value, path) => {
  const frame = readFrame(value, path);
  if (!isWorkloadType(frame.type)) throw unknownWorkload(frame.type, path);
  // Absent data is no zero value here: the node cannot decode it.
  if (isAbsent(frame.data)) throw malformed(`${path}.data`, "an object");
  const data = workloadModels[frame.type].read(frame.data, `${path}.data`);
  return { ...frame, data } as AnyWorkload;
};

const readRequirement = struct<SignatureRequirement>({
  requests: listOf(struct<SignatureRequest>({ twin_id: unsigned(32), required: flag, weight: unsigned64 })),
  weight_required: unsigned64,
  signatures: listOf(struct<DeploymentSignature>({ twin_id: unsigned(32), signature: text, signature_type: text })),
  signature_style: text,
});

const readDeployment = struct<Deployment>({
  version: unsigned(32),
  twin_id: unsigned(32),
  contract_id: unsigned64,
  metadata: text,
  description: text,
  expiration: timestamp,
  signature_requirement: readRequirement,
  workloads: listOf(parseWorkload),
});

/**
 * Reads a deployment from JSON of any origin, normalised: addresses canonical, hexadecimal digits lower case.
 *
 * @throws {GridError} TFG_MALFORMED naming the path; TFG_UNKNOWN_WORKLOAD with the node's words as summary.
 */
export function parseDeployment(value: unknown): Deployment {
  return readDeployment(value, "deployment");
}

/**
 * The node's own words when it refuses the structure of a deployment; undefined when it takes it. Not looked at: whether
 * mounts and networks exist, free capacity, contracts. Those fail later, workload by workload.
 */
export function validateDeployment({ version, workloads }: Deployment): string | undefined {
  const seen = new Set<string>();
  for (const workload of workloads) {
    const { name } = workload;
    if (workload.version > version) {
      return `workload '${name}' version '${workload.version}' cannot be higher than deployment version '${version}'`;
    }
    const badName = nameProblem(name);
    if (badName) return `name '${name}' is invalid: ${badName}`;
    if (seen.has(name)) return `multiple workloads with the same name '${name}'`;
    seen.add(name);
    const problem = workloadProblem(workload, workloads);
    if (problem) return problem;
  }
  return undefined;
}

/** The text that is hashed: everything but contract, signatures and results, joined without separators. */
export function challengeOf(deployment: Deployment): string {
  const { version, twin_id, metadata, description, expiration, signature_requirement } = deployment;
  const { requests, weight_required, signature_style } = signature_requirement;
  return [
    `${version}${twin_id}${metadata}${description}${expiration}`,
    ...deployment.workloads.map((workload) => workloadChallenge(workload)),
    ...requests.map((request) => `${request.twin_id}${request.required}${request.weight}`),
    `${weight_required}${signature_style}`,
  ].join("");
}

/** 32 lower-case hexadecimal digits: the MD5 of the challenge, as it stands in the contract. */
export function deploymentHash(deployment: Deployment): string {
  return createHash("md5").update(challengeOf(deployment), "utf8").digest("hex");
}

/** What all workloads use together once they run. */
export function capacityOf({ workloads }: Pick<Deployment, "workloads">): Capacity {
  return sumCapacity(workloads.map((workload) => workloadCapacity(workload)));
}

function unknownWorkload(type: string, path: string): GridError {
  return new GridError({
    code: "TFG_UNKNOWN_WORKLOAD",
    summary: `invalid reservation type '${type}'`,
    facts: { at: path, allowed: Object.keys(workloadModels).join(", ") },
    remedy: `use one of the allowed types at ${path}.type.`,
  });
}
