import type { GridError } from "../../core/errors";
import { contentHash } from "../../engine/deployment-document";
import type { StandingDeployment } from "../../engine/deployment-target";
import { updateInterrupted } from "../../engine/errors";
import type { PriorRecord } from "../../engine/open-contract";
import { IncompleteChange, reconcileDeployment } from "../../engine/reconcile-deployment";
import type { ApplyInput, CallContext, StateOutput } from "../resource";
import { Attributes } from "../schema/attributes";
import { type ObjectValue, UNKNOWN, type Value } from "../schema/value";
import type { Account } from "../session";
import type { DeploymentKind } from "./deployment-kind";
import { scopeOf, targetOf, titleOf, writeOnlyValues } from "./deployment-plan";
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
  const planned = resolved(input.planned);
  const prior = priorRecord(kind, input, { account, context });
  const keys = account.keys(scopeOf(planned));
  const chosen = { ...planned, ...(await kind.choose?.(planned, engine, keys)) };
  const secrets = new LiveSecrets(keys, writeOnlyValues(input.config), "throw");
  const target = targetOf(kind, chosen, { account, secrets });
  const wanted = { ...chosen, content_hash: contentHash(target, account.twinId) };
  const change = { input, wanted, account, fingerprints: secrets.fingerprints };
  try {
    const standing = await reconcileDeployment(engine, target, prior);
    if (!standing.deployment) return interrupted(standing, { ...change, title: target.title, context });
    const outputs = kind.readOutputs(standing.deployment, new Attributes(wanted));
    return made(standing, { ...change, wanted: { ...wanted, ...outputs, status: "ok" } });
  } catch (error) {
    if (!(error instanceof IncompleteChange)) throw error;
    return incomplete(error.standing, { ...change, status: "error", reason: error.reason });
  }
}

/** What state and refresh know of the contract; undefined for a creation. */
function priorRecord(
  kind: DeploymentKind,
  input: ApplyInput,
  here: { readonly account: Account; readonly context: CallContext },
): PriorRecord | undefined {
  if (input.prior === null) return undefined;
  const kept = readPrivate(input.plannedPrivate);
  if (kept) isOnThisGrid(kept, here.account, { title: titleOf(kind, input.prior), context: here.context });
  const attributes = new Attributes(input.prior);
  return {
    contractId: Number(attributes.requireText("contract_id")),
    token: attributes.requireText("stamp"),
    hash: attributes.text("deployment_hash") ?? "",
    expectedHashes: kept?.seenHash ? [kept.seenHash] : [],
  };
}

/** A change that has begun. */
interface Change {
  readonly input: ApplyInput;
  /** State when all goes well. */
  readonly wanted: ObjectValue;
  readonly account: Account;
  readonly fingerprints: Fingerprints;
}

function made(standing: StandingDeployment, { wanted, account, fingerprints }: Change): StateOutput {
  return { state: { ...wanted, ...contractOf(standing) }, private: privateOf(account, fingerprints) };
}

/** A creation that was interrupted counts as made: an error would have the next run destroy it. */
function interrupted(
  standing: StandingDeployment,
  change: Change & { readonly title: string; readonly context: CallContext },
): StateOutput {
  const { title, context, input, wanted } = change;
  const { contractId } = standing.record;
  if (input.prior !== null) {
    return incomplete(standing, { ...change, status: "pending", reason: updateInterrupted(title, contractId) });
  }
  context.warn(`${title} is not finished`, `Contract ${contractId} stands; run again to finish it.`);
  return made(standing, { ...change, wanted: { ...wanted, status: "pending" } });
}

/** Of an update that failed state keeps saying what was there before, so that the next plan shows what is still to do. */
function incomplete(
  standing: StandingDeployment,
  change: Change & { readonly status: string; readonly reason: GridError },
): StateOutput {
  const { input, wanted, account, status, reason } = change;
  const fingerprints =
    input.prior === null ? change.fingerprints : (readPrivate(input.plannedPrivate)?.fingerprints ?? {});
  return {
    state: { ...(input.prior ?? wanted), ...contractOf(standing), status },
    private: privateOf(account, fingerprints),
    errors: [reason],
  };
}

function contractOf({ record }: StandingDeployment): ObjectValue {
  return { contract_id: String(record.contractId), deployment_hash: record.hash, stamp: record.token };
}

/** Unknown values become null: what they are is found out on the way. */
function resolved(planned: ObjectValue): ObjectValue {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]): [string, Value] => [name, value === UNKNOWN ? null : value]),
  );
}
