import { cancelOwned, type OwnedContract, releaseName } from "../../engine/cancel-contract";
import { initialDocument } from "../../engine/deployment-document";
import { ownershipOf } from "../../engine/ownership";
import { requireReplaceable } from "../../engine/replacement";
import { NO_CAPACITY } from "../../model/capacity";
import { capacityOf } from "../../model/deployment";
import type { CallContext, Resource, StateInput } from "../resource";
import { Attributes } from "../schema/attributes";
import { contractNumber } from "./contract-number";
import { applyDeployment } from "./deployment-apply";
import type { DeploymentKind } from "./deployment-kind";
import { roleOf, saltOf, scopeOf, targetOf, titleOf } from "./deployment-object";
import { hasContent, planDeployment } from "./deployment-plan";
import { readPrivate } from "./deployment-private";
import { readDeployment } from "./deployment-read";
import { checkNodeId, validateIdentity } from "./identity-rules";
import { importDeployment } from "./import-deployment";
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
    import: { id: importedBy(kind), find: (id, context) => importDeployment(kind, id, context) },
  };
}

function importedBy({ alias }: DeploymentKind): string {
  return ["number of its contract", ...(alias ? [alias.description] : [])].join(", or ");
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
    salt: saltOf(kind, input.state, account),
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
  if (contract?.kind !== "node" || ownershipOf(engine, contract, { ...owned, token: record.token }) === "foreign")
    return;
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
