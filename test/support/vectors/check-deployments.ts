import { GridError } from "../../../lib/core/errors";
import {
  challengeOf,
  type Deployment,
  deploymentHash,
  parseDeployment,
  validateDeployment,
} from "../../../lib/model/deployment";
import { workloadCapacity } from "../../../lib/model/workloads/registry";
import type { CaseResult } from "./case-result";
import { checkList, expectSame, type VectorEntry } from "./vector-entry";

/** Recomputes challenge, hash, verdict and capacity of every deployment. */
export function checkDeployments(json: unknown): CaseResult[] {
  return checkList("deployment", json, checkDeployment);
}

function checkDeployment(entry: VectorEntry): void {
  const deployment = readOrExplain(entry);
  if (deployment === undefined) return;
  expectSame("challenge", challengeOf(deployment), entry.text("challenge"));
  const hash = entry.text("hash");
  expectSame("hash", deploymentHash(deployment), hash);
  expectSame("hash after a round trip", deploymentHash(roundTrip(deployment)), hash);
  expectSame("node_valid_error", validateDeployment(deployment), entry.raw("node_valid_error"));
  expectSame("node_valid", validateDeployment(deployment) === undefined, entry.flag("node_valid"));
  if (entry.raw("capacity") !== undefined) expectSame("capacity", capacities(deployment), entry.raw("capacity"));
}

/** Undefined when the deployment cannot be read, and the vector says so too. */
function readOrExplain(entry: VectorEntry): Deployment | undefined {
  try {
    return parseDeployment(entry.raw("deployment"));
  } catch (error) {
    const isExpected = entry.raw("node_valid") === false && !entry.raw("hash");
    if (!(error instanceof GridError) || !isExpected) throw error;
    // What the JSON decoder of the node says of a wrong type is its own affair; every other refusal must match.
    const said = entry.raw("node_valid_error");
    const isOfType = typeof said === "string" && said.startsWith("invalid reservation type");
    if (error.code !== "TFG_MALFORMED" && isOfType) expectSame("node_valid_error", error.summary, said);
    return undefined;
  }
}

function roundTrip(deployment: Deployment): Deployment {
  return parseDeployment(JSON.parse(JSON.stringify(deployment)));
}

function capacities({ workloads }: Deployment): Record<string, unknown> {
  return Object.fromEntries(workloads.map((workload) => [workload.name, workloadCapacity(workload)]));
}
