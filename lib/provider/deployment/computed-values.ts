import type { PrivateData } from "../resource";
import { type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../schema/value";
import type { DeploymentKind } from "./deployment-kind";
import { readPrivate } from "./deployment-private";

/** Computed attributes of every kind that a creation finds out. */
const FOUND_OUT = ["contract_id", "content_hash", "deployment_hash", "stamp", "status"] as const;

/** Computed values of a change in place: only what it can alter becomes unknown. */
export function changing(
  kind: DeploymentKind,
  change: {
    readonly prior: ObjectValue;
    readonly base: ObjectValue;
    readonly hash: Value;
    readonly private: PrivateData;
  },
): ObjectValue {
  const { prior, base, hash } = change;
  const altered = prior.status === "ok" ? kind.changedOutputs(prior, base) : kind.outputs;
  return {
    ...computedOf(kind, prior),
    ...Object.fromEntries(altered.map((name) => [name, UNKNOWN])),
    ...(isMoving(kind, { ...change, planned: base }) ? { contract_id: UNKNOWN, stamp: UNKNOWN } : {}),
    content_hash: hash,
    deployment_hash: UNKNOWN,
    status: UNKNOWN,
  };
}

/**
 * Whether a change makes a new contract: for another node, or in place of one that has ended. Where it was migrated to, an
 * object is already; one that can be moved is moved back to where it is configured.
 */
export function isMoving(
  kind: Pick<DeploymentKind, "isMovable">,
  change: { readonly prior: ObjectValue; readonly planned: ObjectValue; readonly private: PrivateData },
): boolean {
  const { prior, planned } = change;
  if ((prior.contract_id ?? null) === null) return true;
  const migratedTo = readPrivate(change.private)?.migratedTo;
  const nodeId = planned.node_id ?? null;
  if (migratedTo !== undefined && valuesEqual(migratedTo, nodeId)) return false;
  return !valuesEqual(prior.node_id ?? null, nodeId) || (kind.isMovable === true && migratedTo !== undefined);
}

/** Everything a creation has told, as state has it. */
export function computedOf(kind: DeploymentKind, prior: ObjectValue): ObjectValue {
  return Object.fromEntries([...FOUND_OUT, ...kind.outputs].map((name) => [name, prior[name] ?? null]));
}

/** Everything only a creation will tell. */
export function unknowns(kind: DeploymentKind): ObjectValue {
  return Object.fromEntries([...FOUND_OUT, ...kind.outputs].map((name) => [name, UNKNOWN]));
}
