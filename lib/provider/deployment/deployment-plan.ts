import type { AttributePath, GridError } from "../../core/errors";
import { contentHash, initialDocument, requireValid } from "../../engine/deployment-document";
import type { DeploymentTarget } from "../../engine/deployment-target";
import { planUpdate, type UpdatePlan } from "../../engine/update-phases";
import { type CallContext, isFilled, type PlanInput, type PlanOutput, type PrivateData } from "../resource";
import { Attributes } from "../schema/attributes";
import { badValue } from "../schema/finding";
import { isObjectValue, isWhollyKnown, type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../schema/value";
import type { Account } from "../session";
import type { DeploymentKind, ExclusiveUse } from "./deployment-kind";
import { isImported, readPrivate } from "./deployment-private";
import { isSameProject, requireImportable } from "./same-project";
import { LiveSecrets, RememberedSecrets, type SecretResolver } from "./secret-resolver";
import { successorData } from "./successor";

/** States that the next apply repairs. */
const REPAIRED: readonly Value[] = ["pending", "error", "absent", "drifted"];

/** Computed attributes of every kind that a creation finds out. */
const FOUND_OUT = ["contract_id", "content_hash", "deployment_hash", "stamp", "status"] as const;

/** Plans a create or an update of one deployment from prior state, configuration and account alone. */
export async function planDeployment(
  kind: DeploymentKind,
  input: PlanInput,
  context: CallContext,
): Promise<PlanOutput> {
  const base = withIdentity(kind.complete(input.proposed, input.config, input.prior));
  const output = await decide(kind, { ...input, base }, context);
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
  const replace = fixedChanges(kind, prior, base);
  if (replace.length > 0) return { planned: { ...base, ...unknowns(kind) }, replace };
  if (!areKnown(kind, assumed(kind, base))) {
    return { planned: { ...base, ...changing(kind, { prior, base, hash: UNKNOWN }) } };
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

/** The deployment an object's attributes ask for. */
export function targetOf(
  kind: DeploymentKind,
  values: ObjectValue,
  parts: { readonly account: Account; readonly secrets: SecretResolver },
): DeploymentTarget {
  const attributes = new Attributes(values);
  const project = attributes.requireObject("project");
  return {
    ...kind.build(attributes, parts),
    // The lineage of a project that is still to be made is unknown; it is stamped at apply and never hashed.
    lineage: project.value("id") === UNKNOWN ? "" : project.requireText("id"),
    role: roleOf(kind, attributes),
    nodeId: attributes.requireNumber("node_id"),
    // What nobody knows yet is no permission.
    allowDataLoss: attributes.value("allow_data_loss") === true,
  };
}

/** An object in messages: `virtual machine web`. */
export function titleOf(kind: Pick<DeploymentKind, "kind">, { name, contract_id: contractId }: ObjectValue): string {
  return `${kind.kind.replaceAll("_", " ")} ${String(name ?? contractId)}`;
}

/** What an object is for in its project: `virtual_machine/web`. */
export function roleOf(kind: Pick<DeploymentKind, "kind">, attributes: Attributes): string {
  return `${kind.kind}/${attributes.requireText("identity")}`;
}

/** Values of the write-only attribute, by name; unknown ones count as absent. */
export function writeOnlyValues(config: ObjectValue): Record<string, string> {
  const values = config.secret_env_wo;
  if (!isObjectValue(values)) return {};
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}

/** Keys of the project an object belongs to. */
export function scopeOf(values: ObjectValue): string {
  return new Attributes(values).requireObject("project").requireText("key_scope");
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
  const live = new LiveSecrets(account.keys(scopeOf(base)), writeOnlyValues(config), "stand-in");
  const target = targetOf(kind, assumed(kind, base), { account, secrets: live });
  requireValid(target, account.twinId);
  const update = updateFrom(kind, prior, {
    target,
    account,
    secrets: new RememberedSecrets(
      live,
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
  if (warnBroken(context, target, priorPrivate)) {
    // Whatever is sent would have the node make it anew, empty.
    return isSettled ? { planned: unchanged } : { planned: { ...base, ...unknowns(kind) }, replace: [["status"]] };
  }
  if (isSettled && !REPAIRED.includes(prior.status ?? null)) return { planned: unchanged };
  const hash = hashOf(kind, input, { target, account, secrets: live });
  const isSame = hash === UNKNOWN || valuesEqual(hash, prior.content_hash ?? hash);
  const keepsAddresses = kind.changedOutputs(prior, base).length === 0;
  warnRebuilt(context, target, { update, isSame, keepsAddresses, isImported: isImported(priorPrivate) });
  return { planned: { ...base, ...changing(kind, { prior, base, hash: promised(hash, live, config) }) } };
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

/** Computed values of a change in place: only what it can alter becomes unknown. */
function changing(
  kind: DeploymentKind,
  change: { readonly prior: ObjectValue; readonly base: ObjectValue; readonly hash: Value },
): ObjectValue {
  const { prior, base, hash } = change;
  const altered = prior.status === "ok" ? kind.changedOutputs(prior, base) : kind.outputs;
  return {
    ...computedOf(kind, prior),
    ...Object.fromEntries(altered.map((name) => [name, UNKNOWN])),
    content_hash: hash,
    deployment_hash: UNKNOWN,
    status: UNKNOWN,
  };
}

function computedOf(kind: DeploymentKind, prior: ObjectValue): ObjectValue {
  return Object.fromEntries([...FOUND_OUT, ...kind.outputs].map((name) => [name, prior[name] ?? null]));
}

/** Everything only a creation will tell. */
function unknowns(kind: DeploymentKind): ObjectValue {
  return Object.fromEntries([...FOUND_OUT, ...kind.outputs].map((name) => [name, UNKNOWN]));
}

function fixedChanges(kind: DeploymentKind, prior: ObjectValue, base: ObjectValue): AttributePath[] {
  const paths: AttributePath[] = ["node_id", "identity", ...kind.fixed]
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

function warnMissing(context: CallContext, target: DeploymentTarget, secrets: LiveSecrets): void {
  if (secrets.missing.length === 0) return;
  context.warn(`${target.title}: a secret is missing here`, `${secrets.missing.join("\n")}\nAn apply will need it.`);
}

/** True when something is in error that can only be made anew, and its loss is not allowed. */
function warnBroken(context: CallContext, { title, allowDataLoss }: DeploymentTarget, kept: PrivateData): boolean {
  const broken = readPrivate(kept)?.broken ?? [];
  if (broken.length === 0 || allowDataLoss) return false;
  context.warn(
    `${title}: ${broken.join(", ")} cannot be repaired without losing what is on it`,
    "Its node has it in error. As long as nothing else changes it is left alone; set allow_data_loss to have it made anew, empty, or replace the object.",
  );
  return true;
}

/** What is known of a change that may take a machine down. */
interface Rebuild {
  readonly update: UpdatePlan;
  readonly isSame: boolean;
  readonly keepsAddresses: boolean;
  readonly isImported: boolean;
}

/** Write-only values are not remembered: that they changed shows in the hash alone, when something else is changed too. */
function warnRebuilt(context: CallContext, target: DeploymentTarget, rebuild: Rebuild): void {
  const { update, isSame } = rebuild;
  const isByHash = update.phases.length === 0 && !isSame;
  const machines = target.workloads.filter(
    ({ name, type }) =>
      (isByHash || update.rebuilt.includes(name)) && (type === "zmachine" || type === "zmachine-light"),
  );
  const lost = update.loses.map(({ name }) => name).join(", ");
  if (lost !== "") context.warn(`${target.title} will lose data`, `What is on ${lost} goes: allow_data_loss is set.`);
  if (machines.length === 0) return;
  if (rebuild.isImported) {
    context.warn(
      `${target.title} may be rebuilt in place`,
      "It was imported, and state does not know its environment: the apply compares, and rebuilds only what differs.",
    );
    return;
  }
  const kept = [lost === "" ? "Disks, volumes" : "What else it has", ...(rebuild.keepsAddresses ? ["addresses"] : [])];
  context.warn(
    `${target.title} will be rebuilt in place`,
    `Its root filesystem starts anew from the image. ${kept.join(", ")} and the contract stay.`,
  );
}
