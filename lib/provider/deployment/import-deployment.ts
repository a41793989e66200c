import { GridError } from "../../core/errors";
import type { EngineContext } from "../../engine/context";
import { viewContract } from "../../engine/node/node-deployments";
import type { Contract, NodeContract } from "../../model/contract";
import type { Deployment } from "../../model/deployment";
import { decodeLabelName, decodeStamp, type Stamp } from "../../model/deployment-data";
import type { CallContext, PrivateData, StateInput } from "../resource";
import type { Account } from "../session";
import type { DeploymentKind } from "./deployment-kind";
import { saltFor } from "./deployment-object";
import { privateOf } from "./deployment-private";

/** What an import may say beside the contract's number, when nothing on the chain does: `17:shop.0123456789abcdef:db`. */
const ID = /^(\d{1,15})(?::([^:]+):([^:]+))?$/;

/** Project and identity of an object. */
interface Origin {
  readonly lineage: string;
  readonly identity: string;
}

/** Takes what stands into a state, by its number or by what else its kind is known by: by its stamp, or when that was lost by the salt that only this account can derive. */
export async function importDeployment(kind: DeploymentKind, id: string, context: CallContext): Promise<StateInput> {
  const [, number, lineage, identity] = ID.exec(id) ?? [];
  const account = await context.session.account(context.signal);
  const isOwnNode = (each: Contract | undefined) => each?.kind === "node" && each.twinId === account.twinId;
  const numbered = number === undefined ? undefined : await context.session.getContract(Number(number), context.signal);
  const contract = isOwnNode(numbered) ? numbered : await findByAlias(kind, id, context);
  if (contract?.kind !== "node" || contract.twinId !== account.twinId) throw nothingToImport(kind, id);
  const given = lineage === undefined || identity === undefined ? undefined : { lineage, identity };
  const stamp = decodeStamp(contract.deploymentData) ?? (await recognised(kind, contract, { given, account, context }));
  if (!stamp.role.startsWith(`${kind.kind}/`)) throw notOfThisKind(kind, contract.contractId, stamp.role);
  return importedState(kind, { contract, stamp, account });
}

/** @throws {GridError} TFG_IMPORT when several are meant: only a number tells them apart */
async function findByAlias({ alias, typeName }: DeploymentKind, id: string, context: CallContext) {
  if (!alias) return undefined;
  const found = await alias.find(id, await context.session.engine(context));
  if (found.length > 1) throw severalMeant(typeName, id, found);
  return found[0] === undefined ? undefined : context.session.getContract(found[0], context.signal);
}

function importedState(
  kind: DeploymentKind,
  { contract, stamp, account }: { readonly contract: NodeContract; readonly stamp: Stamp; readonly account: Account },
): StateInput {
  const identity = stamp.role.slice(kind.kind.length + 1);
  const scope = scopeIn(stamp.lineage);
  const unset = Object.fromEntries(Object.keys(kind.schema.attributes).map((name) => [name, null]));
  const kept: PrivateData = { ...privateOf(account, {}), imported: true };
  return {
    state: {
      ...unset,
      project: { id: stamp.lineage, name: scope, key_scope: scope },
      name: decodeLabelName(contract.deploymentData) ?? identity,
      identity,
      node_id: contract.nodeId,
      contract_id: String(contract.contractId),
      deployment_hash: contract.deploymentHash,
      stamp: stamp.token,
    },
    private: kept,
  };
}

/** What is known when a contract without a stamp is to be imported. */
interface Search {
  /** What the user says it is. */
  readonly given: Origin | undefined;
  readonly account: Account;
  readonly context: CallContext;
}

/**
 * The stamp that a contract would carry, under a fresh token: whose it is shows in what its node runs.
 *
 * @throws {GridError} TFG_IMPORT when that shows nothing; TFG_NODE_UNREACHABLE
 */
async function recognised(kind: DeploymentKind, contract: NodeContract, search: Search): Promise<Stamp> {
  const { given, account, context } = search;
  const engine = await context.session.engine(context);
  const view = await viewContract(engine, contract);
  if (view.kind === "unreachable") throw view.cause;
  if (view.kind === "absent") throw withoutStamp(kind, contract.contractId, `node ${contract.nodeId} does not have it`);
  const { description } = view.deployment;
  const origins = given ? [given] : await guesses(engine, contract, view.deployment);
  const [found, ...others] = origins.filter(({ lineage, identity }) =>
    description.endsWith(saltFor(`${kind.kind}/${identity}`, account.keys(scopeIn(lineage)))),
  );
  if (!found) throw withoutStamp(kind, contract.contractId, given && `it is no ${given.identity} of ${given.lineage}`);
  if (others.length > 0)
    throw withoutStamp(kind, contract.contractId, "several projects of that name may have made it");
  return { lineage: found.lineage, role: `${kind.kind}/${found.identity}`, token: engine.randomHex(8) };
}

/** Projects of which anything else stands, with the names that the contract and its workloads have. */
async function guesses(engine: EngineContext, contract: NodeContract, deployment: Deployment): Promise<Origin[]> {
  const listed = await engine.ownContracts.listStamped(engine.signal).catch((error) => {
    if (engine.signal.aborted || !(error instanceof GridError)) throw error;
    engine.log("info", "projects not listed", { reason: error.summary });
    return [];
  });
  const lineages = new Set(listed.map(({ stamp }) => stamp.lineage));
  const label = decodeLabelName(contract.deploymentData);
  const names = new Set([...(label ? [label] : []), ...deployment.workloads.map(({ name }) => name)]);
  return [...lineages].flatMap((lineage) => [...names].map((identity) => ({ lineage, identity })));
}

function scopeIn(lineage: string): string {
  return lineage.slice(0, lineage.lastIndexOf("."));
}

function nothingToImport(kind: DeploymentKind, id: string): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `There is no live node contract "${id.slice(0, 40)}" of this account to import.`,
    facts: { type: kind.typeName, given: id.slice(0, 40), allowed: allowedIn(kind) },
    standing: "Nothing was changed.",
    remedy: "look the contract's number up in the dashboard; check the account and the network.",
  });
}

function allowedIn({ alias }: DeploymentKind): string {
  return ["the number of a node contract", ...(alias ? [alias.description] : [])].join(", or ");
}

function severalMeant(typeName: string, id: string, contractIds: readonly number[]): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `Several contracts may be meant by "${id.slice(0, 40)}".`,
    facts: { type: typeName, contracts: contractIds.join(", ") },
    standing: "Nothing was changed; all of them bill.",
    remedy: "import one by its number, and cancel the others when nobody needs them.",
  });
}

function notOfThisKind(kind: DeploymentKind, contractId: number, role: string): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `Contract ${contractId} is no ${kind.kind.replaceAll("_", " ")} of this provider.`,
    facts: { "made as": role, wanted: kind.typeName },
    standing: "Nothing was changed.",
    remedy: "import it into a resource of its own type.",
  });
}

function withoutStamp(kind: DeploymentKind, contractId: number, reason: string | undefined): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `Contract ${contractId} is no ${kind.kind.replaceAll("_", " ")} of this provider, or has lost its stamp.`,
    facts: { "made as": "something of another client", wanted: kind.typeName, reason },
    standing: "Nothing was changed.",
    remedy: `if it was made by this provider, import it as ${contractId}:<id of its threefold_project>:<identity>; what other clients made has to be made anew.`,
  });
}
