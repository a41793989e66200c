import { type Arrears, getArrears } from "../../engine/arrears";
import type { EngineContext } from "../../engine/context";
import { type NodeView, viewContract } from "../../engine/node/node-deployments";
import { isRecognised, ownershipOf } from "../../engine/ownership";
import type { NodeContract } from "../../model/contract";
import type { Deployment } from "../../model/deployment";
import type { Stamp } from "../../model/deployment-data";
import { updateSupport } from "../../model/workloads/update-support";
import type { CallContext, StateInput, StateOutput } from "../resource";
import { Attributes } from "../schema/attributes";
import { type ObjectValue, UNKNOWN } from "../schema/value";
import type { Account } from "../session";
import type { DeploymentKind } from "./deployment-kind";
import { roleOf, saltOf, titleOf } from "./deployment-object";
import { readPrivate, withoutFindings } from "./deployment-private";
import { isUp, statusOf } from "./deployment-status";
import { warnOfEnd } from "./ended";
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
  if (contract?.kind !== "node") {
    const state = await withNameAlone(input.state, { title, account, context });
    if (state === null && Number.isSafeInteger(contractId)) warnOfEnd(title, contractId, context);
    return { state };
  }
  const own = ownStamp(kind, attributes);
  const ownership = ownershipOf(account, contract, own);
  if (ownership === "foreign") {
    context.warn(`${title}: contract ${contractId} now belongs to another state`, "It is left alone from now on.");
    return { state: { ...input.state, status: "handed_over" } };
  }
  const engine = await context.session.engine(context);
  const view = await viewContract(engine, contract);
  const marks = { hash: attributes.text("deployment_hash") ?? "", salt: saltOf(kind, input.state, account) };
  const isStamped = ownership === "own";
  if (!isStamped && !isRecognised(contract, marks, view)) {
    warnOfStranger(title, { contract, view }, context);
    return { state: { ...input.state, status: "unrecognised" } };
  }
  if (kind.isMovable) await warnOfStrays(engine, { title, contractIds: [contractId], own }, context);
  const arrears = contract.state.kind === "GracePeriod" ? await getArrears(engine, contract) : undefined;
  const found = { title, input, attributes, contract, view, account, context, arrears, isStamped };
  await warnOfMigration(kind, found, engine);
  const output = refreshed(kind, found);
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

interface Refresh {
  readonly title: string;
  readonly input: StateInput;
  readonly attributes: Attributes;
  readonly contract: NodeContract;
  readonly view: NodeView;
  readonly account: Account;
  readonly context: CallContext;
  readonly arrears: Arrears | undefined;
  readonly isStamped: boolean;
}

function refreshed(kind: DeploymentKind, refresh: Refresh): StateOutput & { readonly state: ObjectValue } {
  const { input, contract, view, account } = refresh;
  const isImport = input.private.imported === true;
  const before = isImport && view.kind === "present" ? imported(kind, refresh, view.deployment) : input.state;
  const state: ObjectValue = {
    ...before,
    status: unlessUnsure(input, statusFound(kind, refresh)),
    ...(view.kind === "present" && isUp(view.deployment)
      ? kind.readOutputs(view.deployment, new Attributes(before))
      : {}),
    ...(isImport ? { deployment_hash: contract.deploymentHash } : {}),
  };
  return {
    state,
    private: {
      ...originOf(account),
      ...withoutFindings(input.private),
      ...(contract.deploymentHash === state.deployment_hash ? {} : { seenHash: contract.deploymentHash }),
      ...(view.kind === "present" ? brokenStorage(view.deployment) : {}),
      ...(lacksAddresses(contract)
        ? { lacksAddresses: true, needsRepair: !(view.kind === "present" && isUp(view.deployment)) }
        : {}),
      ...(isMigrated(refresh) ? { migratedTo: contract.nodeId } : {}),
      ...(isImport ? { isImported: true } : {}),
    },
  };
}

/** What the contract itself tells adds to what runs under it; what keeps an apply from its work comes first. */
function statusFound(kind: DeploymentKind, refresh: Refresh): string {
  const { title, input, contract, context, isStamped } = refresh;
  const status = statusOf({ ...refresh, knownHash: knownHash(input) }, context);
  const { contractId } = contract;
  if (!isStamped) {
    context.warn(
      `${title}: contract ${contractId} has lost its stamp`,
      "Another client rewrote its public text. By what it holds it still is this state's: the next apply writes the stamp again.",
    );
  }
  if (lacksAddresses(contract)) {
    context.warn(
      `${title}: contract ${contractId} no longer holds its public IPv4`,
      "Somebody else may be given it at any time, and the chain gives addresses to new contracts only.",
    );
  }
  if (status !== "ok" && status !== "pending") return status;
  if (lacksAddresses(contract)) return "error";
  return isStamped && !(kind.isMovable && isMigrated(refresh)) ? status : "drifted";
}

function lacksAddresses({ publicIps, publicIpsList }: NodeContract): boolean {
  return publicIpsList.length < publicIps;
}

function isMigrated({ contract, attributes }: Pick<Refresh, "contract" | "attributes">): boolean {
  return contract.nodeId !== attributes.number("node_id");
}

/** Says what a migration comes to, which is a different thing whether it runs there or not. */
async function warnOfMigration(kind: DeploymentKind, refresh: Refresh, engine: EngineContext): Promise<void> {
  if (!isMigrated(refresh)) return;
  const { title, input, contract, attributes, view, context } = refresh;
  const { contractId, nodeId } = contract;
  const before = attributes.number("node_id");
  const say = (detail: string) =>
    context.warn(`${title}: contract ${contractId} was migrated to node ${nodeId}`, detail);
  if (kind.isMovable) {
    return say(
      `The next apply brings it up on node ${before} again, where it is configured, and ends that contract. Set node_id = ${nodeId} to leave it there.`,
    );
  }
  if (view.kind === "present") {
    return say(`It runs there; nothing needs to be done. With node_id = ${nodeId} this is said no more.`);
  }
  if (view.kind === "unreachable") return say("That node does not answer: whether it runs there is not known.");
  const [refusal] = (await kind.refusals?.(input.state, engine)) ?? [];
  if (refusal) return say(`It does not run there, and the next apply will be refused: ${refusal.message}`);
  return say(
    `It does not run there yet: the next apply deploys it there, empty. What it held on node ${before} did not come with it.`,
  );
}

/** No stamp, and nothing else that shows whose it is. */
function warnOfStranger(
  title: string,
  { contract, view }: { readonly contract: NodeContract; readonly view: NodeView },
  context: CallContext,
): void {
  const { contractId, nodeId } = contract;
  const said = { present: "runs something else", absent: "does not have it", unreachable: "does not answer" };
  context.warn(
    `${title}: contract ${contractId} has lost its stamp`,
    `Its hash is another, and node ${nodeId} ${said[view.kind]}: it cannot be told to be this state's. It is neither changed nor ended, and goes on billing.`,
  );
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
