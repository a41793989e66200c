import type { AttributePath } from "../../../core/errors";
import { isImported } from "../../deployment/deployment-private";
import { isSameProject, requireImportable } from "../../deployment/same-project";
import { type CallContext, isFilled, type PlanInput, type PlanOutput } from "../../resource";
import { badValue } from "../../schema/finding";
import { isObjectValue, type ObjectValue, UNKNOWN, valuesEqual } from "../../schema/value";
import { KIND, successorData, titleOf } from "./rent-values";

/** Computed attributes that a creation finds out. */
const FOUND_OUT = ["contract_id", "stamp", "status"] as const;

/** Plans a rent. Whether the node can be had is for the apply to find out: it changes by the minute. */
export async function planRent(input: PlanInput, context: CallContext): Promise<PlanOutput> {
  const { prior, proposed, config, priorPrivate } = input;
  const base: ObjectValue = { ...proposed, identity: proposed.identity ?? config.name ?? UNKNOWN };
  if (prior !== null && isImported(priorPrivate)) requireImportable(titleOf(prior), prior, base);
  const replace = prior === null ? [] : fixedChanges(prior, base);
  // Of a replacement the new rent is planned on its own, and lays its claim then.
  if (replace.length === 0) layClaim(base, input, context);
  if (replace.length > 0) return { planned: { ...base, ...unknowns() }, replace };
  if (prior === null)
    return { planned: { ...base, ...unknowns() }, private: { ...priorPrivate, ...successorData(base) } };
  const standing: ObjectValue = {
    ...base,
    ...Object.fromEntries(FOUND_OUT.map((name) => [name, prior[name] ?? null])),
  };
  const isAtRest = prior.status === "ok" || (prior.status !== "pending" && valuesEqual(standing, prior));
  return { planned: isAtRest ? standing : { ...standing, status: UNKNOWN } };
}

/** Identity and node are this rent's alone: a node has one renter, and one rent. */
function layClaim(base: ObjectValue, { prior, config, priorPrivate }: PlanInput, context: CallContext): void {
  const scope = isObjectValue(base.project) ? base.project.key_scope : UNKNOWN;
  if (typeof scope !== "string" || typeof base.identity !== "string") return;
  const { claims } = context.session;
  const role = `${KIND}/${base.identity}`;
  const standing = prior === null ? undefined : `${String(prior.contract_id)} ${String(prior.stamp)}`;
  claims.takeIdentity({ scope, role }, { standing, config, isRemembered: isFilled(priorPrivate) });
  if (typeof base.node_id !== "number") return;
  const holder = claims.take(`rent of node ${base.node_id}`, role);
  if (holder === undefined) return;
  const allowed = "a node that no other object rents";
  throw badValue({ attribute: ["node_id"], given: base.node_id, allowed, remedy: `${holder} rents it already.` });
}

function fixedChanges(prior: ObjectValue, base: ObjectValue): AttributePath[] {
  const paths: AttributePath[] = ["node_id", "identity"]
    .filter((name) => !valuesEqual(prior[name] ?? null, base[name] ?? null))
    .map((name) => [name]);
  return isSameProject(prior, base) ? paths : [...paths, ["project"]];
}

function unknowns(): ObjectValue {
  return Object.fromEntries(FOUND_OUT.map((name) => [name, UNKNOWN]));
}
