import { messageOf } from "../../core/errors";
import { type NodeView, viewContract } from "../../engine/node/node-deployments";
import type { Contract, NodeContract } from "../../model/contract";
import type { Deployment } from "../../model/deployment";
import { decodeStamp } from "../../model/deployment-data";
import type { CallContext, StateInput, StateOutput } from "../resource";
import { Attributes } from "../schema/attributes";
import type { ObjectValue } from "../schema/value";
import type { Account } from "../session";
import type { DeploymentKind } from "./deployment-kind";
import { roleOf, titleOf } from "./deployment-plan";
import { type DeploymentPrivate, readPrivate } from "./deployment-private";
import { isOnThisGrid } from "./same-grid";

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
  if (contract?.kind !== "node") return { state: null };
  if (kept && !isOwn(contract, { attributes, kind, kept, account })) {
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
  const view = await viewContract(engine, contract);
  return refreshed(kind, { title, input, attributes, contract, view, context });
}

function isOwn(
  contract: Contract,
  known: {
    readonly attributes: Attributes;
    readonly kind: DeploymentKind;
    readonly kept: DeploymentPrivate;
    readonly account: Account;
  },
): boolean {
  const stamp = contract.kind === "node" ? decodeStamp(contract.deploymentData) : undefined;
  const { attributes, kind, kept, account } = known;
  return (
    contract.twinId === account.twinId &&
    stamp?.token === kept.token &&
    stamp.role === roleOf(kind, attributes) &&
    stamp.lineage === attributes.requireObject("project").requireText("id")
  );
}

interface Refresh {
  readonly title: string;
  readonly input: StateInput;
  readonly attributes: Attributes;
  readonly contract: NodeContract;
  readonly view: NodeView;
  readonly context: CallContext;
}

function refreshed(kind: DeploymentKind, refresh: Refresh): StateOutput {
  const { input, contract, view } = refresh;
  const isImport = input.private.imported === true;
  const told =
    isImport && view.kind === "present" ? { ...input.state, ...kind.readImported(view.deployment) } : undefined;
  const before = told ? { ...told, ...kind.complete(told, told) } : input.state;
  const state: ObjectValue = {
    ...before,
    status: statusOf(refresh),
    ...(view.kind === "present" && isUp(view.deployment)
      ? kind.readOutputs(view.deployment, new Attributes(before))
      : {}),
    ...(isImport ? { deployment_hash: contract.deploymentHash } : {}),
  };
  const { imported: _, seenHash: __, ...kept } = input.private;
  const seen = contract.deploymentHash === state.deployment_hash ? {} : { seenHash: contract.deploymentHash };
  return { state, private: { ...kept, ...seen } };
}

/** One word for what was found; what the user should know goes out as a warning. */
function statusOf({ title, input, attributes, contract, view, context }: Refresh): string {
  if (contract.state.kind === "GracePeriod") {
    context.warn(
      `${title} is unpaid`,
      `Contract ${contract.contractId} is in its grace period and paused. Send TFT to the account: it resumes with the next bill, and ends for good 14 days after the grace period began.`,
    );
    return "grace";
  }
  if (view.kind === "unreachable") {
    context.warn(`${title}: node ${contract.nodeId} does not answer`, messageOf(view.cause));
    return "unreachable";
  }
  if (view.kind === "absent") {
    context.warn(`${title}: node ${contract.nodeId} no longer has it`, "The next apply deploys it again.");
    return "absent";
  }
  const isImport = input.private.imported === true;
  if (!isImport && contract.deploymentHash !== attributes.text("deployment_hash")) {
    context.warn(
      `${title} was changed outside this state`,
      "By another client, or by a run that was interrupted. The next apply brings it to what is configured.",
    );
    return "drifted";
  }
  const failed = view.deployment.workloads.find(({ result }) => result.state === "error" || result.state === "deleted");
  if (failed) {
    context.warn(
      `${title}: ${failed.name} is in state ${failed.result.state}`,
      `The node says: ${failed.result.message}`,
    );
    return "error";
  }
  return isUp(view.deployment) ? "ok" : "pending";
}

function isUp({ workloads }: Deployment): boolean {
  return workloads.length > 0 && workloads.every(({ result }) => result.state === "ok");
}
