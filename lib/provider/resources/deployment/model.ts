import type { DeploymentTarget } from "../../../engine/deployment-target";
import { sumCapacity } from "../../../model/capacity";
import type { Deployment } from "../../../model/deployment";
import type { SolutionLabel } from "../../../model/deployment-data";
import { toWorkloadName } from "../../../model/identity";
import type { KeyDerivation } from "../../../model/key-derivation";
import { mayHoldSecrets } from "../../../model/raw/raw-secret";
import { readRawWorkloads, writeRawWorkloads } from "../../../model/raw/raw-workloads";
import { resultOf, workloadCapacity } from "../../../model/workloads/registry";
import type { BuildContext, ImportContext } from "../../deployment/deployment-kind";
import type { Attributes } from "../../schema/attributes";
import type { ObjectValue } from "../../schema/value";

/** The deployment as wanted. */
export function buildDeployment(
  attributes: Attributes,
  { secrets }: BuildContext,
): Omit<DeploymentTarget, "lineage" | "role" | "nodeId"> {
  const name = attributes.requireText("name");
  const identity = attributes.requireText("identity");
  const metadata = attributes.text("metadata");
  const salt = saltOf(secrets.keys, identity);
  const description = attributes.text("description");
  return {
    title: `deployment ${name}`,
    label: labelIn(metadata) ?? labelOf(name),
    publicIps: attributes.requireNumber("public_ips"),
    metadata: metadata ?? defaultMetadata(identity),
    description: description === undefined ? salt : `${description} ${salt}`,
    workloads: readRawWorkloads(attributes.requireText("workloads"), (label, reference) =>
      secrets.resolve(label, reference),
    ),
  };
}

/** What the node says of each workload. */
export function readOutputs({ workloads }: Deployment): ObjectValue {
  const results = workloads.map((workload): [string, string] => [
    workload.name,
    JSON.stringify(sorted(resultOf(workload) ?? {})),
  ]);
  return { results: Object.fromEntries(results) };
}

/**
 * Configuration of an imported deployment. Workloads that hold a secret are not taken over: the next apply compares them with
 * the configuration on the node and changes nothing where they agree.
 */
export function readImported(deployment: Deployment, { identity, keys }: ImportContext): ObjectValue {
  const { workloads, metadata, description } = deployment;
  const salt = saltOf(keys, identity);
  const isSecret = workloads.some(({ data, metadata: text }) => mayHoldSecrets(data) || mayHoldSecrets(text));
  return {
    ...(isSecret ? {} : { workloads: writeRawWorkloads(workloads) }),
    metadata: metadata === defaultMetadata(identity) ? null : metadata,
    description: description.endsWith(` ${salt}`) ? description.slice(0, -salt.length - 1) : null,
    public_ips: sumCapacity(workloads.map((workload) => workloadCapacity(workload))).ipv4u,
  };
}

function saltOf(keys: KeyDerivation, identity: string): string {
  return keys.bytes({ kind: "salt", identity: `deployment/${identity}` }, 16).toString("hex");
}

function labelOf(name: string): SolutionLabel {
  return { type: "deployment", name, projectName: `deployment/${name}` };
}

function defaultMetadata(identity: string): string {
  return JSON.stringify({ version: 3, ...labelOf(toWorkloadName(identity)) });
}

/** What dashboards are to show, when the metadata says so the official way. */
function labelIn(metadata: string | undefined): SolutionLabel | undefined {
  const { type, name, projectName } = objectIn(metadata ?? "");
  if (typeof type !== "string" || typeof name !== "string" || typeof projectName !== "string") return undefined;
  return { type, name, projectName };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    // Metadata is free text: what is no JSON simply names no label.
    return {};
  }
}

/** Nodes list addresses and keys in any order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return [...value].sort();
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
}
