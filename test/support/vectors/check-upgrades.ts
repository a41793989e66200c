import { hasCode } from "../../../lib/core/errors";
import { type Deployment, parseDeployment } from "../../../lib/model/deployment";
import {
  type DeploymentOp,
  diffDeployments,
  refuseDeploymentUpdate,
  typesRefusedByEngine,
} from "../../../lib/model/deployment-diff";
import type { CaseResult } from "./case-result";
import { checkList, expectSame, VectorEntry } from "./vector-entry";

/** Recomputes what a node makes of every update. */
export function checkUpgrades(json: unknown): CaseResult[] {
  return checkList("upgrade", json, checkUpgrade);
}

function checkUpgrade(entry: VectorEntry): void {
  const stored = parseDeployment(entry.raw("old"));
  const sent = readSent(entry);
  if (sent === undefined) return;
  const diff = diffDeployments(stored, sent);
  const refusal = refuseDeploymentUpdate(stored, sent);
  if ("error" in diff) {
    expectSame("error", diff.error, entry.text("error"));
    expectSame("refusal", refusal, `${entry.text("error")}: upgrade validation error`);
    return;
  }
  expectSame("error", undefined, entry.raw("error"));
  expectSame("ops", inOrder(diff.ops.map(asListed)), entry.raw("ops"));
  const refused = entry.raw("refused_by_engine");
  const listed = refused === undefined ? [] : new VectorEntry(refused).raw("types");
  expectSame(
    "refused_by_engine",
    typesRefusedByEngine(diff.ops),
    Array.isArray(listed) ? [...new Set(listed)].sort() : listed,
  );
  expectSame("refusal", refusal !== undefined, refused !== undefined);
}

/** Undefined when a workload is of a type that no node knows, and the vector says so too. */
function readSent(entry: VectorEntry): Deployment | undefined {
  try {
    return parseDeployment(entry.raw("new"));
  } catch (error) {
    const said = entry.raw("error");
    if (typeof said !== "string" || !said.startsWith("new deployment is invalid: ")) throw error;
    const isOfType = said.startsWith("new deployment is invalid: invalid reservation type");
    if (hasCode(error, "TFG_UNKNOWN_WORKLOAD") && isOfType)
      expectSame("error", `new deployment is invalid: ${error.summary}`, said);
    return undefined;
  }
}

function asListed({ op, workload }: DeploymentOp): { op: string; name: string } {
  return { op, name: workload.name };
}

/** Vectors list steps by kind and name. */
function inOrder(ops: { op: string; name: string }[]): { op: string; name: string }[] {
  return ops.sort((a, b) => (`${a.op} ${a.name}` < `${b.op} ${b.name}` ? -1 : 1));
}
