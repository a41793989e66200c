import { type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../schema/value";
import type { DeploymentKind } from "./deployment-kind";

/** Computed attributes of every kind that a creation finds out. */
const FOUND_OUT = ["contract_id", "content_hash", "deployment_hash", "stamp", "status"] as const;

/** Computed values of a change in place: only what it can alter becomes unknown. */
export function changing(
  kind: DeploymentKind,
  change: { readonly prior: ObjectValue; readonly base: ObjectValue; readonly hash: Value },
): ObjectValue {
  const { prior, base, hash } = change;
  const altered = prior.status === "ok" ? kind.changedOutputs(prior, base) : kind.outputs;
  return {
    ...computedOf(kind, prior),
    ...Object.fromEntries(altered.map((name) => [name, UNKNOWN])),
    ...(isMoving(prior, base) ? { contract_id: UNKNOWN, stamp: UNKNOWN } : {}),
    content_hash: hash,
    deployment_hash: UNKNOWN,
    status: UNKNOWN,
  };
}

/** Whether a change makes a new contract: for another node, or in place of one that has ended. */
export function isMoving(prior: ObjectValue, planned: ObjectValue): boolean {
  return (prior.contract_id ?? null) === null || !valuesEqual(prior.node_id ?? null, planned.node_id ?? null);
}

/** Everything a creation has told, as state has it. */
export function computedOf(kind: DeploymentKind, prior: ObjectValue): ObjectValue {
  return Object.fromEntries([...FOUND_OUT, ...kind.outputs].map((name) => [name, prior[name] ?? null]));
}

/** Everything only a creation will tell. */
export function unknowns(kind: DeploymentKind): ObjectValue {
  return Object.fromEntries([...FOUND_OUT, ...kind.outputs].map((name) => [name, UNKNOWN]));
}
