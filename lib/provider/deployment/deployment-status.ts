import { messageOf } from "../../core/errors";
import { type Arrears, wayOut } from "../../engine/arrears";
import type { NodeView } from "../../engine/node/node-deployments";
import type { NodeContract } from "../../model/contract";
import type { Deployment } from "../../model/deployment";
import type { CallContext } from "../resource";

/** What a refresh found of one deployment. */
export interface Finding {
  /** The user's word for it in warnings. */
  readonly title: string;
  readonly contract: NodeContract;
  readonly view: NodeView;
  /** Hash that state has; undefined when it cannot know one yet. */
  readonly knownHash: string | undefined;
  /** Of a contract in its grace period, what it owes. @default not known */
  readonly arrears?: Arrears;
}

/** One word for what was found; what the user should know goes out as a warning. */
export function statusOf({ title, contract, view, knownHash, arrears }: Finding, context: CallContext): string {
  if (contract.state.kind === "GracePeriod") {
    context.warn(
      `${title} is unpaid`,
      `Contract ${contract.contractId} is in its grace period and paused. ${wayOut(arrears)} It ends for good 14 days after the grace period began.`,
    );
    return "grace";
  }
  if (view.kind === "unreachable") {
    context.warn(`${title}: node ${contract.nodeId} does not answer`, messageOf(view.cause));
    return "unreachable";
  }
  if (view.kind === "absent") {
    context.warn(`${title}: node ${contract.nodeId} does not have it`, "The next apply deploys it again.");
    return "absent";
  }
  if (knownHash !== undefined && contract.deploymentHash !== knownHash) {
    context.warn(
      `${title} was changed outside this state`,
      "By another client, or by a run that did not get to its end. The next apply brings it to what is configured.",
    );
    // A run that fell short leaves both: what it has sent, and what its node made of that.
    statusOnNode(title, view.deployment, context);
    return "drifted";
  }
  return statusOnNode(title, view.deployment, context);
}

function statusOnNode(title: string, deployment: Deployment, context: CallContext): string {
  const failed = deployment.workloads.find(({ result }) => result.state === "error" || result.state === "deleted");
  if (!failed) return isUp(deployment) ? "ok" : "pending";
  const { name, result } = failed;
  context.warn(`${title}: ${name} is in state ${result.state}`, `The node says: ${result.message}`);
  return "error";
}

/** True when everything in it runs. */
export function isUp({ workloads }: Deployment): boolean {
  return workloads.length > 0 && workloads.every(({ result }) => result.state === "ok");
}
