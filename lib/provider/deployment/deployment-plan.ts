import type { AttributePath, GridError } from "../../core/errors";
import { contentHash, initialDocument, requireValid } from "../../engine/deployment-document";
import type { DeploymentTarget } from "../../engine/deployment-target";
import { planUpdate, type UpdatePlan } from "../../engine/update-phases";
import { type CallContext, isFilled, type PlanInput, type PlanOutput } from "../resource";
import { badValue } from "../schema/finding";
import { isObjectValue, isWhollyKnown, type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../schema/value";
import type { Account } from "../session";
import { changing, computedOf, isMoving, unknowns } from "./computed-values";
import type { DeploymentKind, ExclusiveUse } from "./deployment-kind";
import { scopeOf, targetOf, titleOf, writeOnlyValues } from "./deployment-object";
import { isImported, readPrivate } from "./deployment-private";
import { warnBroken, warnMissing, warnOfLostAddresses, warnOfObstacles, warnRebuilt } from "./plan-warnings";
import { isSameProject, requireImportable } from "./same-project";
import { LiveSecrets, RememberedSecrets, type SecretResolver } from "./secret-resolver";
import { successorData } from "./successor";

/** States that the next apply repairs. */
const REPAIRED: readonly Value[] = ["pending", "error", "absent", "drifted"];

/** Plans a create or an update of one deployment from prior state, configuration and account alone. */
export async function planDeployment(
  kind: DeploymentKind,
  input: PlanInput,
  context: CallContext,
): Promise<PlanOutput> {
  const base = withIdentity(kind.complete(input.proposed, input.config, input.prior));
  const output = await decide(kind, { ...input, base }, context);
  if (output.planned.status === UNKNOWN && !output.replace) await warnOfObstacles(kind, output.planned, context);
  // Of a replacement the new object is planned on its own, and lays its claims then.
  if (!output.replace) layClaims(kind, { ...input, base }, context);
  return output;
}

interface Planning extends PlanInput {
  /** What is wanted, defaults filled in. */
  readonly base: ObjectValue;
}

async function decide(kind: DeploymentKind, input: Planning, context: CallContext): Promise<PlanOutput> {
  const account = await context.session.account(context.signal);
  const { prior, base } = input;
  if (prior === null) return planNew(kind, input, { account, context });
  const { priorPrivate } = input;
  if (isImported(priorPrivate)) requireImportable(titleOf(kind, prior), prior, base);
  const replace = fixedChanges(kind, { ...input, prior });
  if (replace.length > 0) return { planned: { ...base, ...unknowns(kind) }, replace };
  if (!areKnown(kind, assumed(kind, base))) {
    return { planned: { ...base, ...changing(kind, { prior, base, hash: UNKNOWN, private: priorPrivate }) } };
  }
  return planChange(kind, { ...input, prior }, { account, context });
}

/** Identity and addresses are this object's alone. */
function layClaims(kind: DeploymentKind, { prior, base, config, priorPrivate }: Planning, context: CallContext): void {
  const { claims } = context.session;
  const scope = isObjectValue(base.project) ? base.project.key_scope : UNKNOWN;
  if (typeof scope !== "string" || typeof base.identity !== "string") return;
  const role = `${kind.kind}/${base.identity}`;
  const standing = prior === null ? undefined : `${String(prior.contract_id)} ${String(prior.stamp)}`;
  claims.takeIdentity({ scope, role }, { standing, config, isRemembered: isFilled(priorPrivate) });
  for (const use of kind.exclusive?.(base) ?? []) {
    const holder = claims.take(use.thing, role);
    if (holder !== undefined) throw takenBy(use, holder);
  }
}

function takenBy({ attribute, given }: ExclusiveUse, holder: string): GridError {
  return badValue({ attribute, given, allowed: "one that no other object has", remedy: `${holder} has it already.` });
}

function withIdentity(base: ObjectValue): ObjectValue {
  const { identity } = base;
  return identity === null || identity === undefined ? { ...base, identity: base.name ?? UNKNOWN } : base;
}

interface PlanParts {
  readonly account: Account;
  readonly context: CallContext;
}

function planNew(kind: DeploymentKind, { base, config, priorPrivate }: Planning, parts: PlanParts): PlanOutput {
  const planned = { ...base, ...unknowns(kind) };
  const judged = assumed(kind, base);
  if (!areKnown(kind, judged)) return { planned };
  const { account, context } = parts;
  const secrets = new LiveSecrets(account.keys(scopeOf(base)), writeOnlyValues(config), "stand-in");
  const target = targetOf(kind, judged, { account, secrets });
  requireValid(target, account.twinId);
  warnMissing(context, target, secrets);
  return {
    planned: {
      ...planned,
      content_hash: promised(hashOf(kind, { base, config }, { target, account, secrets }), secrets, config),
    },
    private: { ...priorPrivate, ...successorData(target, secrets.outside) },
  };
}

/** The values with what `choose` will find stood in for, so that everything else is judged in the plan already. */
function assumed(kind: DeploymentKind, base: ObjectValue): ObjectValue {
  return { ...base, ...kind.assume?.(base) };
}

/** The hash that a plan may promise: values from outside may be others by the time of the apply. */
function promised(hash: Value, { outside }: LiveSecrets, { secret_env_wo: writeOnly = null }: ObjectValue): Value {
  return Object.keys(outside).length === 0 && writeOnly === null ? hash : UNKNOWN;
}

/** Hash of what is wanted as of now; unknown while a part of that is found out at apply only. */
function hashOf(
  kind: DeploymentKind,
  { base, config }: Pick<Planning, "base" | "config">,
  wanted: { readonly target: DeploymentTarget; readonly account: Account; readonly secrets: LiveSecrets },
): Value {
  const isKnown = areKnown(kind, base) && wanted.secrets.missing.length === 0;
  const isWhole = isWhollyKnown(config.secret_env_wo ?? null);
  return isKnown && isWhole ? contentHash(wanted.target, wanted.account.twinId) : UNKNOWN;
}

/** Decides between nothing, a change in place and a replacement by what the node would do. */
function planChange(
  kind: DeploymentKind,
  input: Planning & { readonly prior: ObjectValue },
  parts: PlanParts,
): PlanOutput {
  const { prior, base, config, priorPrivate } = input;
  const { account, context } = parts;
  const secretsNow = () => new LiveSecrets(account.keys(scopeOf(base)), writeOnlyValues(config), "stand-in");
  const live = secretsNow();
  const target = targetOf(kind, assumed(kind, base), { account, secrets: live });
  requireValid(target, account.twinId);
  const update = updateFrom(kind, prior, {
    target,
    account,
    secrets: new RememberedSecrets(
      secretsNow(),
      readPrivate(priorPrivate)?.fingerprints ?? {},
      Number(base.secret_env_wo_version ?? 0),
    ),
  });
  warnMissing(context, target, live);
  const lost = target.allowDataLoss ? [] : update.loses;
  // What was unknown when the plan was shown may turn out to lose data: the apply refuses that, in its own words, where
  // Terraform would speak of a defect. Only the walk that shows a plan refreshes.
  if (lost.length > 0 && context.session.wasRead(Number(prior.contract_id))) {
    const replace: AttributePath[] = [...new Set(lost.map((workload) => kind.attributeOf(workload)))].map((name) => [
      name,
    ]);
    return { planned: { ...base, ...unknowns(kind) }, replace };
  }
  const unchanged = { ...base, ...computedOf(kind, prior) };
  const isSettled = update.phases.length === 0 && valuesEqual(unchanged, prior);
  const imposed = beyondRepair(kind, input, { target, unchanged, isSettled, context });
  if (imposed) return imposed;
  if (isSettled && !REPAIRED.includes(prior.status ?? null)) return { planned: unchanged };
  const hash = hashOf(kind, input, { target, account, secrets: live });
  const isSame = hash === UNKNOWN || valuesEqual(hash, prior.content_hash ?? hash);
  const keepsAddresses = kind.changedOutputs(prior, base).length === 0;
  warnRebuilt(context, target, { update, isSame, keepsAddresses, isImported: isImported(priorPrivate) });
  const wanted = promised(hash, live, config);
  return { planned: { ...base, ...changing(kind, { prior, base, hash: wanted, private: priorPrivate }) } };
}

/** What refresh found that no change in place mends: replaced, or left alone where that would cost what is stored. */
function beyondRepair(
  kind: DeploymentKind,
  { base, priorPrivate }: Planning,
  change: {
    readonly target: DeploymentTarget;
    readonly unchanged: ObjectValue;
    readonly isSettled: boolean;
    readonly context: CallContext;
  },
): PlanOutput | undefined {
  const { target, unchanged, isSettled, context } = change;
  const replaced: PlanOutput = { planned: { ...base, ...unknowns(kind) }, replace: [["status"]] };
  const alone: PlanOutput = { planned: unchanged };
  // Whatever is sent would have the node make it anew, empty.
  if (warnBroken(context, target, priorPrivate)) return isSettled ? alone : replaced;
  const kept = readPrivate(priorPrivate);
  if (!kept?.lacksAddresses) return undefined;
  if (!warnOfLostAddresses(context, target)) return replaced;
  return isSettled && !kept.needsRepair ? alone : undefined;
}

/** The updates from what state says was deployed to what is wanted now. */
function updateFrom(
  kind: DeploymentKind,
  prior: ObjectValue,
  wanted: { readonly target: DeploymentTarget; readonly account: Account; readonly secrets: SecretResolver },
): UpdatePlan {
  if (!areKnown(kind, prior) || !hasContent(kind, prior)) return { phases: [], rebuilt: [], loses: [] };
  const before = targetOf(kind, prior, wanted);
  return planUpdate(initialDocument(before, wanted.account.twinId, 0), wanted.target);
}

/** False for an object whose configuration state does not know, as after an import of which the node told nothing. */
export function hasContent(kind: DeploymentKind, prior: ObjectValue): boolean {
  return Object.entries(kind.schema.attributes).every(
    ([name, { required }]) => !required || (prior[name] ?? null) !== null,
  );
}

function fixedChanges(
  kind: DeploymentKind,
  { prior, base, priorPrivate }: Planning & { readonly prior: ObjectValue },
): AttributePath[] {
  // Where its contract was migrated to, an object is already.
  const stays = kind.isMovable || !isMoving(kind, { prior, planned: base, private: priorPrivate });
  const paths: AttributePath[] = [...(stays ? [] : ["node_id"]), "identity", ...kind.fixed]
    .filter((name) => !valuesEqual(prior[name] ?? null, base[name] ?? null))
    .map((name) => [name]);
  return isSameProject(prior, base) ? paths : [...paths, ["project"]];
}

/** True when everything that makes the content is known; the project's lineage is not part of it. */
function areKnown(kind: DeploymentKind, values: ObjectValue): boolean {
  const project = values.project;
  const scope = isObjectValue(project) ? (project.key_scope ?? null) : UNKNOWN;
  const inputs: Value[] = ["node_id", "identity", "name", ...kind.inputs].map((name) => values[name] ?? null);
  return isWhollyKnown(scope) && inputs.every(isWhollyKnown);
}
