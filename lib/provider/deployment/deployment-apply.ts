import { type GridError, messageOf } from "../../core/errors";
import type { EngineContext } from "../../engine/context";
import { contentHash } from "../../engine/deployment-document";
import type { DeploymentTarget, StandingDeployment } from "../../engine/deployment-target";
import { updateInterrupted } from "../../engine/errors";
import { IncompleteChange } from "../../engine/incomplete-change";
import type { PriorRecord } from "../../engine/open-contract";
import { reconcileDeployment } from "../../engine/reconcile-deployment";
import { relocateDeployment } from "../../engine/relocate-deployment";
import { announced } from "../../engine/submit";
import type { Deployment } from "../../model/deployment";
import type { ApplyInput, CallContext, StateOutput } from "../resource";
import { Attributes } from "../schema/attributes";
import { type ObjectValue, UNKNOWN, type Value } from "../schema/value";
import type { Account } from "../session";
import { isMoving } from "./computed-values";
import { contractNumber } from "./contract-number";
import type { DeploymentKind } from "./deployment-kind";
import { scopeOf, targetOf, titleOf, writeOnlyValues } from "./deployment-object";
import { privateOf, readPrivate } from "./deployment-private";
import { isOnThisGrid } from "./same-grid";
import { type Fingerprints, LiveSecrets } from "./secret-resolver";

/** Creates or updates one deployment. */
export async function applyDeployment(
  kind: DeploymentKind,
  input: ApplyInput,
  context: CallContext,
): Promise<StateOutput> {
  const account = await context.session.account(context.signal);
  const engine = await context.session.engine(context);
  return announced(engine, (soon) => bringAbout(kind, input, { account, context, engine: soon }));
}

/** Where a change is carried out. */
interface Here {
  readonly account: Account;
  readonly context: CallContext;
  readonly engine: EngineContext;
}

async function bringAbout(kind: DeploymentKind, input: ApplyInput, here: Here): Promise<StateOutput> {
  const { account, context, engine } = here;
  const planned = resolved(input.planned);
  const prior = priorRecord(kind, input, { account, context });
  const keys = account.keys(scopeOf(planned));
  const chosen = { ...planned, ...(await kind.choose?.(planned, engine, keys)) };
  const [obstacle] = (await kind.obstacles?.(chosen, engine)) ?? [];
  if (obstacle) throw obstacle;
  const secrets = new LiveSecrets(keys, writeOnlyValues(input.config), "throw");
  const target = withKnownName(targetOf(kind, chosen, { account, secrets }), planned, input.prior);
  const wanted = { ...chosen, content_hash: contentHash(target, account.twinId) };
  const change = { input, wanted, account, fingerprints: secrets.fingerprints, title: target.title, context };
  if (prior === undefined) await reportElsewhere(engine, target);
  const isMove =
    prior !== undefined &&
    input.prior !== null &&
    isMoving(kind, { prior: input.prior, planned, private: input.plannedPrivate });
  const standing = await (isMove
    ? relocateDeployment(engine, target, prior)
    : reconcileDeployment(engine, target, prior)
  ).catch((error) => {
    if (error instanceof IncompleteChange) return error;
    throw error;
  });
  if (standing instanceof IncompleteChange) return fallenShort(standing, change);
  if (!standing.deployment) return interrupted(standing, change);
  const outputs = outputsOf(kind, standing.deployment, change);
  return made(standing, { ...change, wanted: { ...wanted, ...outputs } });
}

/** What a state that was lost has left elsewhere bills on, and nobody else would say so. */
async function reportElsewhere(engine: EngineContext, target: DeploymentTarget): Promise<void> {
  const { lineage, role, nodeId, publicIps } = target;
  const found = await engine.ownContracts.findElsewhere({ lineage, role }, engine.signal).catch((error) => {
    if (engine.signal.aborted) throw error;
    engine.log("warn", "contracts not looked up", { reason: messageOf(error) });
    return [];
  });
  const others = found.filter((contract) => contract.nodeId !== nodeId || contract.publicIps !== publicIps);
  if (others.length === 0) return;
  const listed = others.map((contract) => `${contract.contractId} on node ${contract.nodeId}`).join(", ");
  engine.warn(
    `${target.title}: another contract was made for it`,
    `Contract ${listed}. Unless this run replaces it, it was left by a lost state and bills: import it, or cancel it.`,
  );
}

/** What the node says of what runs. Its answer must not lose the contract: what cannot be read is read by the next refresh. */
function outputsOf(kind: DeploymentKind, deployment: Deployment, change: Change): ObjectValue {
  const { wanted, input, title, context } = change;
  try {
    const outputs = kind.readOutputs(deployment, new Attributes(wanted));
    // What the plan promised stands; what the node says differently now is the next refresh's news.
    const open = Object.entries(outputs).filter(([name]) => input.planned[name] === UNKNOWN);
    return { ...Object.fromEntries(open), status: "ok" };
  } catch (error) {
    context.warn(`${title} runs, and its node's answer cannot be read`, messageOf(error));
    return { status: "pending" };
  }
}

/**
 * A change that fell short. What an earlier run had made and this one took over is no failed creation: an error would
 * have the next run destroy it with its disks, so it is kept, and finished as an update.
 */
function fallenShort({ standing, reason }: IncompleteChange, change: Change): StateOutput {
  const { input, title, context } = change;
  if (input.prior !== null || standing.isNew) return incomplete(standing, { ...change, status: "error", reason });
  context.warn(`${title} was taken over, and is not yet as configured`, reason.message);
  return pending(standing, change);
}

/** What state and refresh know of the contract; undefined for a creation. */
function priorRecord(
  kind: DeploymentKind,
  input: ApplyInput,
  here: Pick<Here, "account" | "context">,
): PriorRecord | undefined {
  if (input.prior === null) return undefined;
  const kept = readPrivate(input.plannedPrivate);
  if (kept) isOnThisGrid(kept, here.account, { title: titleOf(kind, input.prior), context: here.context });
  const attributes = new Attributes(input.prior);
  if (attributes.text("contract_id") === undefined) return undefined;
  return {
    contractId: Number(attributes.requireText("contract_id")),
    token: attributes.requireText("stamp"),
    hash: attributes.text("deployment_hash") ?? "",
    expectedHashes: kept?.seenHash ? [kept.seenHash] : [],
  };
}

/** The name contract that plan and state know of, for a deployment that reserves a name. */
function withKnownName(target: DeploymentTarget, planned: ObjectValue, prior: ObjectValue | null): DeploymentTarget {
  if (!target.reservation) return target;
  const plannedId = contractNumber(planned.name_contract_id);
  const knownId = contractNumber(prior?.name_contract_id);
  return { ...target, reservation: { ...target.reservation, plannedId, knownId } };
}

/** A change that has begun. */
interface Change {
  readonly input: ApplyInput;
  /** State when all goes well. */
  readonly wanted: ObjectValue;
  readonly account: Account;
  readonly fingerprints: Fingerprints;
  readonly title: string;
  readonly context: CallContext;
}

function made(standing: StandingDeployment, { wanted, account, fingerprints }: Change): StateOutput {
  return { state: { ...wanted, ...contractOf(standing) }, private: privateOf(account, fingerprints) };
}

/** A creation that was interrupted counts as made: an error would have the next run destroy it. */
function interrupted(standing: StandingDeployment, change: Change): StateOutput {
  const { title, context, input } = change;
  const { contractId } = standing.record;
  if (input.prior !== null) {
    return incomplete(standing, { ...change, status: "pending", reason: updateInterrupted(title, contractId) });
  }
  context.warn(`${title} is not finished`, `Contract ${contractId} stands; run again to finish it.`);
  return pending(standing, change);
}

/** What was taken over still is what it was: no hash is known of what it is to be, so that every refresh sees the difference. */
function pending(standing: StandingDeployment, change: Change): StateOutput {
  const { state, ...kept } = made(standing, { ...change, wanted: { ...change.wanted, status: "pending" } });
  return { ...kept, state: standing.isNew ? state : { ...state, deployment_hash: "" } };
}

/**
 * Of an update that failed state keeps saying what was there before, so that the next plan shows what is still to do. The
 * hash that state has stays, too: it is the last one that was brought to its end, and every refresh sees that the chain
 * has another until one is again.
 */
function incomplete(
  standing: StandingDeployment,
  change: Change & { readonly status: string; readonly reason: GridError },
): StateOutput {
  const { input, wanted, account, fingerprints, status, reason } = change;
  const { prior } = input;
  const contract = contractOf(standing);
  if (prior === null) {
    const state = { ...wanted, ...contract, status };
    return { state, private: privateOf(account, fingerprints), errors: [reason] };
  }
  const isSame = contractNumber(prior.contract_id) === standing.record.contractId;
  const settled: ObjectValue = isSame ? { deployment_hash: prior.deployment_hash ?? "" } : {};
  const kept = readPrivate(input.plannedPrivate) ? input.plannedPrivate : privateOf(account, {});
  return {
    state: { ...prior, ...contract, ...settled, status },
    private: { ...kept, seenHash: standing.record.hash },
    errors: [reason],
  };
}

function contractOf({ record }: StandingDeployment): ObjectValue {
  const { contractId, hash, token, nameContractId } = record;
  const name: ObjectValue = nameContractId === undefined ? {} : { name_contract_id: String(nameContractId) };
  return { contract_id: String(contractId), deployment_hash: hash, stamp: token, ...name };
}

/** Unknown values become null: what they are is found out on the way. */
function resolved(planned: ObjectValue): ObjectValue {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]): [string, Value] => [name, value === UNKNOWN ? null : value]),
  );
}
