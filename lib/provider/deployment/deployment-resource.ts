import { GridError } from "../../core/errors";
import { cancelOwned, isStamped, type OwnedContract, releaseName } from "../../engine/cancel-contract";
import { initialDocument } from "../../engine/deployment-document";
import { requireReplaceable } from "../../engine/replacement";
import { NO_CAPACITY } from "../../model/capacity";
import { capacityOf } from "../../model/deployment";
import { decodeLabelName, decodeStamp } from "../../model/deployment-data";
import type { CallContext, PrivateData, Resource, StateInput } from "../resource";
import { Attributes } from "../schema/attributes";
import { contractNumber } from "./contract-number";
import { applyDeployment } from "./deployment-apply";
import type { DeploymentKind } from "./deployment-kind";
import { roleOf, scopeOf, targetOf, titleOf } from "./deployment-object";
import { hasContent, planDeployment } from "./deployment-plan";
import { privateOf, readPrivate } from "./deployment-private";
import { readDeployment } from "./deployment-read";
import { checkNodeId, validateIdentity } from "./identity-rules";
import { isOnThisGrid } from "./same-grid";
import { LiveSecrets } from "./secret-resolver";
import { type PlannedSuccessor, readSuccessor } from "./successor";

/** Makes a Terraform resource of a kind of deployment: one object, one contract. */
export function defineDeploymentResource(kind: DeploymentKind): Resource {
  return {
    typeName: kind.typeName,
    schema: kind.schema,
    validate: (config) => [
      ...validateIdentity(config, kind.validateName),
      ...checkNodeId(config.node_id, ["node_id"]),
      ...kind.validate(config),
    ],
    plan: (input, context) => planDeployment(kind, input, context),
    apply: (input, context) => applyDeployment(kind, input, context),
    destroy: (input, context) => destroyDeployment(kind, input, context),
    read: (input, context) => readDeployment(kind, input, context),
    import: { id: "number of its contract", find: (id, context) => importDeployment(kind, id, context) },
  };
}

async function destroyDeployment(kind: DeploymentKind, input: StateInput, context: CallContext): Promise<void> {
  const attributes = new Attributes(input.state);
  const kept = readPrivate(input.private);
  const contractId = Number(attributes.text("contract_id"));
  const token = attributes.text("stamp");
  const nameContractId = contractNumber(input.state.name_contract_id);
  const title = titleOf(kind, input.state);
  const account = await context.session.account(context.signal);
  if (kept && !isOnThisGrid(kept, account, { title, context })) return;
  const engine = await context.session.engine(context);
  if (token === undefined || !Number.isSafeInteger(contractId)) {
    if (nameContractId !== undefined) await releaseName(engine, nameContractId);
    return;
  }
  const owned = {
    title,
    lineage: attributes.requireObject("project").requireText("id"),
    role: roleOf(kind, attributes),
    record: { contractId, token, hash: attributes.text("deployment_hash") ?? "" },
    nameContractId,
  };
  const successor = readSuccessor(input.private);
  if (successor) await requireSuccessor(kind, { input, owned, successor }, context);
  await cancelOwned(engine, owned);
}

/** What runs is not ended for something that cannot be made. */
async function requireSuccessor(
  kind: DeploymentKind,
  change: { readonly input: StateInput; readonly owned: OwnedContract; readonly successor: PlannedSuccessor },
  context: CallContext,
): Promise<void> {
  const { input, owned, successor } = change;
  const { title, record } = owned;
  const engine = await context.session.engine(context);
  const contract = await engine.chain.getContract(record.contractId, context.signal);
  if (contract?.kind !== "node" || !isStamped(engine, contract, { ...owned, token: record.token })) return;
  const account = await context.session.account(context.signal);
  const keys = account.keys(scopeOf(input.state));
  const { secrets: references, ...need } = successor;
  const secrets = new LiveSecrets(keys, {}, "throw");
  for (const [label, reference] of Object.entries(references)) secrets.resolve(label, reference);
  const standIns = new LiveSecrets(keys, {}, "stand-in");
  const used = hasContent(kind, input.state)
    ? capacityOf(initialDocument(targetOf(kind, input.state, { account, secrets: standIns }), 0, 0))
    : NO_CAPACITY;
  const predecessor = {
    nodeId: contract.nodeId,
    publicIps: contract.publicIpsList.length,
    used,
    nameContractId: owned.nameContractId,
  };
  await requireReplaceable(engine, { ...need, title, contractId: record.contractId }, predecessor);
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
  const kept: PrivateData = { ...privateOf(account, {}), imported: true };
  return {
    state: {
      ...unset,
      project: { id: stamp.lineage, name: scope, key_scope: scope },
      name: decodeLabelName(contract.deploymentData) ?? identity,
      identity,
      node_id: contract.nodeId,
      contract_id: String(contractId),
      deployment_hash: contract.deploymentHash,
      stamp: stamp.token,
    },
    private: kept,
  };
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
