import { GridError } from "../../core/errors";
import { cancelOwned } from "../../engine/cancel-contract";
import { contentHash } from "../../engine/deployment-document";
import type { DeploymentRecord, StandingDeployment } from "../../engine/deployment-target";
import { IncompleteChange, reconcileDeployment } from "../../engine/reconcile-deployment";
import { decodeStamp } from "../../model/deployment-data";
import type { ApplyInput, CallContext, PrivateData, Resource, StateInput, StateOutput } from "../resource";
import { Attributes } from "../schema/attributes";
import { type ObjectValue, UNKNOWN, type Value } from "../schema/value";
import type { DeploymentKind } from "./deployment-kind";
import { planDeployment, roleOf, scopeOf, targetOf, writeOnlyValues } from "./deployment-plan";
import { privateOf, readPrivate } from "./deployment-private";
import { readDeployment } from "./deployment-read";
import { validateIdentity } from "./identity-rules";
import { LiveSecrets } from "./secret-resolver";

/** Makes a Terraform resource of a kind of deployment: one object, one contract. */
export function defineDeploymentResource(kind: DeploymentKind): Resource {
  return {
    typeName: kind.typeName,
    schema: kind.schema,
    validate: (config) => [...validateIdentity(config), ...kind.validate(config)],
    plan: (input, context) => planDeployment(kind, input, context),
    apply: (input, context) => applyDeployment(kind, input, context),
    destroy: (input, context) => destroyDeployment(kind, input, context),
    read: (input, context) => readDeployment(kind, input, context),
    importState: (id, context) => importDeployment(kind, id, context),
  };
}

async function applyDeployment(kind: DeploymentKind, input: ApplyInput, context: CallContext): Promise<StateOutput> {
  const account = await context.session.account(context.signal);
  const engine = await context.session.engine(context);
  const planned = resolved(input.planned);
  const keys = account.keys(scopeOf(planned));
  const chosen = { ...planned, ...(await kind.choose?.(planned, engine, keys)) };
  const secrets = new LiveSecrets(keys, writeOnlyValues(input.config), "throw");
  const target = targetOf(kind, chosen, { account, secrets });
  const content = { ...chosen, content_hash: contentHash(target, account.twinId) };
  const finish = (standing: StandingDeployment, errors?: readonly GridError[]): StateOutput => ({
    state: stateOf(kind, { content, standing, status: errors ? "error" : "pending" }),
    private: privateOf(account, standing.record, secrets.fingerprints),
    errors,
  });
  try {
    const standing = await reconcileDeployment(engine, target, priorRecord(input));
    if (!standing.deployment) {
      context.warn(
        `${target.title} is not finished`,
        `Contract ${standing.record.contractId} stands; run again to finish it.`,
      );
    }
    return finish(standing);
  } catch (error) {
    if (!(error instanceof IncompleteChange)) throw error;
    return finish(error.standing, [error.reason]);
  }
}

/** What state and refresh know of the contract; undefined for a creation. */
function priorRecord(
  input: ApplyInput,
): (DeploymentRecord & { readonly expectedHashes: readonly string[] }) | undefined {
  const kept = readPrivate(input.plannedPrivate);
  if (input.prior === null || !kept) return undefined;
  const attributes = new Attributes(input.prior);
  return {
    contractId: Number(attributes.requireText("contract_id")),
    token: kept.token,
    hash: attributes.text("deployment_hash") ?? "",
    expectedHashes: kept.seenHash ? [kept.seenHash] : [],
  };
}

/** What goes into state: outputs of a deployment that is up, what was known before for one that is not. */
function stateOf(
  kind: DeploymentKind,
  parts: { readonly content: ObjectValue; readonly standing: StandingDeployment; readonly status: string },
): ObjectValue {
  const { content, standing, status } = parts;
  const { record, deployment } = standing;
  return {
    ...content,
    contract_id: String(record.contractId),
    deployment_hash: record.hash,
    status: deployment ? "ok" : status,
    ...(deployment ? kind.readOutputs(deployment, new Attributes(content)) : {}),
  };
}

/** Unknown values become null: what they are is found out on the way. */
function resolved(planned: ObjectValue): ObjectValue {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]): [string, Value] => [name, value === UNKNOWN ? null : value]),
  );
}

async function destroyDeployment(kind: DeploymentKind, input: StateInput, context: CallContext): Promise<void> {
  const attributes = new Attributes(input.state);
  const kept = readPrivate(input.private);
  const contractId = Number(attributes.text("contract_id"));
  if (!kept || !Number.isSafeInteger(contractId)) return;
  await cancelOwned(await context.session.engine(context), {
    title: `${kind.kind.replaceAll("_", " ")} ${attributes.text("name")}`,
    lineage: attributes.requireObject("project").requireText("id"),
    role: roleOf(kind, attributes),
    record: { contractId, token: kept.token, hash: attributes.text("deployment_hash") ?? "" },
  });
}

async function importDeployment(kind: DeploymentKind, id: string, context: CallContext): Promise<StateInput> {
  const contractId = Number(id);
  const account = await context.session.account(context.signal);
  const contract = /^\d{1,15}$/.test(id) ? await context.session.getContract(contractId, context.signal) : undefined;
  if (contract?.kind !== "node" || contract.twinId !== account.twinId) throw nothingToImport(kind, id);
  const stamp = decodeStamp(contract.deploymentData);
  if (!stamp?.role.startsWith(`${kind.kind}/`)) throw notOfThisKind(kind, id, stamp?.role);
  const identity = stamp.role.slice(kind.kind.length + 1);
  const scope = stamp.lineage.slice(0, stamp.lineage.lastIndexOf("."));
  const unset = Object.fromEntries(Object.keys(kind.schema.attributes).map((name) => [name, null]));
  const record = { contractId, token: stamp.token, hash: contract.deploymentHash };
  const kept: PrivateData = { ...privateOf(account, record, {}), imported: true };
  return {
    state: {
      ...unset,
      project: { id: stamp.lineage, name: scope, key_scope: scope },
      name: labelName(contract.deploymentData) ?? identity,
      identity,
      node_id: contract.nodeId,
      contract_id: String(contractId),
      deployment_hash: contract.deploymentHash,
    },
    private: kept,
  };
}

function labelName(deploymentData: string): string | undefined {
  const label: unknown = JSON.parse(deploymentData);
  const name = typeof label === "object" && label !== null && "name" in label ? label.name : undefined;
  return typeof name === "string" ? name : undefined;
}

function nothingToImport(kind: DeploymentKind, id: string): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `There is no live node contract "${id.slice(0, 40)}" of this account to import.`,
    facts: { type: kind.typeName, given: id.slice(0, 40), allowed: "the number of a node contract" },
    standing: "Nothing was changed.",
    remedy: "look the contract's number up in the dashboard; check the account and the network.",
  });
}

function notOfThisKind(kind: DeploymentKind, id: string, role: string | undefined): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `Contract ${id} is no ${kind.kind.replaceAll("_", " ")} of this provider.`,
    facts: { "made as": role ?? "something of another client", wanted: kind.typeName },
    standing: "Nothing was changed.",
    remedy: "import it into a resource of its own type; what other clients made has to be made anew.",
  });
}
