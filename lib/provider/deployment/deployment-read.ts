import { type NodeView, viewContract } from "../../engine/node/node-deployments";
import type { NodeContract } from "../../model/contract";
import type { Deployment } from "../../model/deployment";
import { decodeStamp, type Stamp, sameStamp } from "../../model/deployment-data";
import { updateSupport } from "../../model/workloads/update-support";
import type { CallContext, StateInput, StateOutput } from "../resource";
import { Attributes } from "../schema/attributes";
import { type ObjectValue, UNKNOWN } from "../schema/value";
import type { Account } from "../session";
import type { DeploymentKind } from "./deployment-kind";
import { roleOf, titleOf } from "./deployment-object";
import { readPrivate } from "./deployment-private";
import { isUp, statusOf } from "./deployment-status";
import { withNameAlone, withNameChecked } from "./name-read";
import { isOnThisGrid, originOf } from "./same-grid";
import { warnOfStrays } from "./strays";

/** Refreshes one deployment from the chain and its node. */
export async function readDeployment(
  kind: DeploymentKind,
  input: StateInput,
  context: CallContext,
): Promise<StateOutput> {
  const attributes = new Attributes(input.state);
  const title = titleOf(kind, input.state);
  const contractId = Number(attributes.text("contract_id"));
  const kept = readPrivate(input.private);
  const account = await context.session.account(context.signal);
  if (kept && !isOnThisGrid(kept, account, { title, context })) return { state: null };
  const contract = Number.isSafeInteger(contractId)
    ? await context.session.getContract(contractId, context.signal)
    : undefined;
  if (contract?.kind !== "node") return { state: await withNameAlone(input.state, { title, account, context }) };
  const own = ownStamp(kind, attributes);
  if (!isOwn(contract, own, account)) {
    context.warn(`${title}: contract ${contractId} now belongs to another state`, "It is left alone from now on.");
    return { state: { ...input.state, status: "handed_over" } };
  }
  if (contract.nodeId !== attributes.number("node_id")) {
    context.warn(
      `${title}: contract ${contractId} was migrated to node ${contract.nodeId}`,
      "Nothing needs to be done.",
    );
  }
  const engine = await context.session.engine(context);
  if (kind.isMovable) await warnOfStrays(engine, { title, contractId, own }, context);
  const view = await viewContract(engine, contract);
  const output = refreshed(kind, { title, input, attributes, contract, view, account, context });
  const isImport = input.private.imported === true && view.kind === "present";
  const more = isImport ? await kind.findImported?.(output.state, engine) : undefined;
  const state = await withNameChecked({ ...output.state, ...more }, { title, account, context });
  return { ...output, state };
}

/** The stamp that this state wrote. */
function ownStamp(kind: DeploymentKind, attributes: Attributes): Stamp {
  return {
    lineage: attributes.requireObject("project").requireText("id"),
    role: roleOf(kind, attributes),
    token: attributes.text("stamp") ?? "",
  };
}

/** Whether the contract still carries it. */
function isOwn(contract: NodeContract, own: Stamp, account: Account): boolean {
  const stamp = decodeStamp(contract.deploymentData);
  return contract.twinId === account.twinId && stamp !== undefined && sameStamp(stamp, own);
}

interface Refresh {
  readonly title: string;
  readonly input: StateInput;
  readonly attributes: Attributes;
  readonly contract: NodeContract;
  readonly view: NodeView;
  readonly account: Account;
  readonly context: CallContext;
}

function refreshed(kind: DeploymentKind, refresh: Refresh): StateOutput & { readonly state: ObjectValue } {
  const { title, input, contract, view, account, context } = refresh;
  const isImport = input.private.imported === true;
  const before = isImport && view.kind === "present" ? imported(kind, refresh, view.deployment) : input.state;
  const state: ObjectValue = {
    ...before,
    status: unlessUnsure(input, statusOf({ title, contract, view, knownHash: knownHash(input) }, context)),
    ...(view.kind === "present" && isUp(view.deployment)
      ? kind.readOutputs(view.deployment, new Attributes(before))
      : {}),
    ...(isImport ? { deployment_hash: contract.deploymentHash } : {}),
  };
  // What was to take its place is of the plan that said so: a replacement that was refused leaves it behind.
  const { imported: _, seenHash: __, broken: ___, successor: ____, ...kept } = input.private;
  return {
    state,
    private: {
      ...originOf(account),
      ...kept,
      ...(contract.deploymentHash === state.deployment_hash ? {} : { seenHash: contract.deploymentHash }),
      ...(view.kind === "present" ? brokenStorage(view.deployment) : {}),
      ...(isImport ? { isImported: true } : {}),
    },
  };
}

/** Disks and namespaces that their node gave up on. */
function brokenStorage({ workloads }: Deployment): { readonly broken?: readonly string[] } {
  const broken = workloads.filter(({ type, result }) => result.state === "error" && updateSupport[type].losesData);
  return broken.length > 0 ? { broken: broken.map(({ name }) => name) } : {};
}

/** Configuration of an imported object as its node tells it, with the defaults for what nodes do not tell. */
function imported(kind: DeploymentKind, { input, attributes, account }: Refresh, deployment: Deployment): ObjectValue {
  const scope = attributes.requireObject("project").requireText("key_scope");
  const known = { identity: attributes.requireText("identity"), keys: account.keys(scope) };
  const told = { ...input.state, ...kind.readImported(deployment, known) };
  const completed = { ...told, ...kind.complete(told, told, told) };
  // State holds no unknown values: the next plan goes after what is missing.
  return Object.fromEntries(Object.entries(completed).map(([name, value]) => [name, value === UNKNOWN ? null : value]));
}

/** Hash that state has; an imported object has none of its own yet. */
function knownHash({ state, private: kept }: StateInput): string | undefined {
  return kept.imported === true ? undefined : (new Attributes(state).text("deployment_hash") ?? "");
}

/**
 * A provider that dies during a change takes what was kept beside the state with it, and nobody knows how far it came:
 * the next apply has a look, and does nothing when there is nothing to do.
 */
function unlessUnsure({ private: kept }: StateInput, status: string): string {
  return readPrivate(kept) === undefined && status === "ok" ? "pending" : status;
}
