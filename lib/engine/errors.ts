/** Every error the engine raises, in one wording. Factories take facts; the sentences live here. */
import { GridError, messageOf } from "../core/errors";
import { formatTft } from "../core/units";
import type { Stamp } from "../model/deployment-data";
import { type Arrears, wayOut } from "./arrears";
import type { DeploymentTarget } from "./deployment-target";

/**
 * A contract that runs the very same deployment on that node belongs to another lineage, or carries no stamp.
 *
 * @param lineage the project's that its stamp names; undefined when it carries none
 */
export function ownedByOtherProject(
  target: DeploymentTarget,
  contract: { readonly contractId: number; readonly twinId: number; readonly lineage: string | undefined },
): GridError {
  const { contractId, twinId, lineage } = contract;
  const way =
    lineage === undefined
      ? `import it as ${contractId}:${target.lineage}:${identityOf(target.role)}`
      : `set adopt = "${lineage}" on threefold_project if that state is lost`;
  return new GridError({
    code: "TFG_OWNED_ELSEWHERE",
    summary: `Contract ${contractId} on node ${target.nodeId} already runs this deployment, for another state.`,
    facts: {
      "wanted by": `${target.lineage} ${target.role}`,
      "owned by": lineage ?? `twin ${twinId}, another client`,
    },
    standing: "Nothing was changed; that contract goes on billing.",
    remedy: `${way}, or use another project name.`,
  });
}

function identityOf(role: string): string {
  return role.slice(role.indexOf("/") + 1);
}

/**
 * The contract carries a stamp other than the one in state.
 *
 * @param stamp the one it carries; only what was made for the same object can be imported back
 */
export function handedOver(
  target: Pick<DeploymentTarget, "title" | "lineage" | "role">,
  contractId: number,
  stamp: Stamp | undefined,
): GridError {
  const isSameObject = stamp?.lineage === target.lineage && stamp.role === target.role;
  return new GridError({
    code: "TFG_HANDED_OVER",
    summary: `Contract ${contractId} of ${target.title} now belongs to another state.`,
    facts: { "it carries": stamp && `${stamp.lineage} ${stamp.role}`, "made for": `${target.lineage} ${target.role}` },
    standing: "Nothing was changed; the contract goes on billing its new owner.",
    remedy: isSameObject
      ? "remove it from this state with `terraform state rm`; import it after that to take it back."
      : "remove it from this state with `terraform state rm`: the next apply makes the object anew.",
  });
}

/** The contract carries no stamp any more, and nothing else shows that it is the one in state. */
export function stampLost(title: string, contractId: number, reason: string): GridError {
  return new GridError({
    code: "TFG_STAMP_LOST",
    summary: `Contract ${contractId} of ${title} carries no stamp any more, and cannot be told to be the one in state.`,
    facts: { reason },
    standing: `Nothing was changed: contract ${contractId} goes on billing this account and is kept in state.`,
    remedy: `look at contract ${contractId} in the dashboard. If it is this object's, cancel it there; if not, remove it from state with \`terraform state rm\`.`,
  });
}

/** The contract ended between plan and apply. */
export function contractGone(title: string, contractId: number): GridError {
  return new GridError({
    code: "TFG_CONTRACT_GONE",
    summary: `Contract ${contractId} of ${title} ended after the plan was made.`,
    standing: "Nothing runs under it and it bills no more.",
    remedy: "run again: the next plan creates it anew.",
  });
}

/** The chain's hash is none that this plan knows. */
export function stalePlan(title: string, contractId: number, hasBegun = false): GridError {
  return new GridError({
    code: "TFG_STALE_PLAN",
    summary: `${title} was changed elsewhere ${hasBegun ? "while this plan was applied" : "after this plan was made"}.`,
    facts: { contract: contractId },
    standing: hasBegun ? begunStanding(contractId) : "Nothing was changed.",
    remedy: "plan again and review what the other change did.",
  });
}

/** What stands when a change gives up half way. */
export function begunStanding(contractId: number): string {
  return `A part of the change was sent before. Contract ${contractId} still stands and bills; the next run finishes or repairs it.`;
}

/** An unpaid contract cannot be updated. */
export function inGrace(title: string, contractId: number, arrears: Arrears | undefined): GridError {
  return new GridError({
    code: "TFG_GRACE",
    summary: `Contract ${contractId} of ${title} is unpaid and in its grace period, so it cannot be changed.`,
    facts: arrears && { overdue: formatTft(arrears.overdue), "the account has": formatTft(arrears.usable) },
    standing: "It is paused and ends 14 days after the grace period began; what is due goes on adding up.",
    remedy: `${wayOut(arrears)} Then run again.`,
  });
}

/** A machine whose contract was migrated to a node that its mesh does not reach. */
export function outsideMesh(
  target: Pick<DeploymentTarget, "title" | "nodeId">,
  place: { readonly contractId: number; readonly nodeId: number; readonly meshes: readonly string[] },
): GridError {
  const { contractId, nodeId, meshes } = place;
  return new GridError({
    code: "TFG_MESH_ELSEWHERE",
    summary: `Contract ${contractId} of ${target.title} was migrated to node ${nodeId}, which is not in its mesh.`,
    facts: { mesh: meshes.join(", "), "made for": `node ${target.nodeId}` },
    standing: `Nothing was sent: it does not run, while contract ${contractId} stands and bills.`,
    remedy: `have it made anew on node ${target.nodeId}, with \`terraform apply -replace\` and its address: a node takes only machines of the networks it is in, and its subnet is another.`,
  });
}

/** Addresses that the chain took back cannot be given to a contract again. */
export function addressesLost(
  { title, publicIps }: Pick<DeploymentTarget, "title" | "publicIps">,
  contract: { readonly contractId: number; readonly held: number },
): GridError {
  const { contractId, held } = contract;
  return new GridError({
    code: "TFG_PUBLIC_IP_LOST",
    summary: `Contract ${contractId} of ${title} no longer holds its public IPv4, so its node could not bring it up again.`,
    facts: { wanted: publicIps, held },
    standing: `Nothing was sent. Contract ${contractId} stands and bills.`,
    remedy:
      "addresses are given to new contracts only: have it made anew, with `terraform apply -replace` and its address, or with allow_data_loss if what is on it may go.",
  });
}

/** A node refused a new deployment; what was made for it is cancelled. */
export function createRefused(target: DeploymentTarget, said: string, after: Aftermath): GridError {
  return new GridError({
    code: "TFG_NODE_REFUSED",
    summary: `Node ${target.nodeId} refused ${target.title}.`,
    facts: { contract: after.contractId, "node said": said },
    standing: standingOf(after),
    remedy: adviceFor(said),
    cause: after.cause,
  });
}

/**
 * A node refused a change; the contract stands.
 *
 * @param broken storage that the node has in error now: no change in place brings back what is on it
 */
export function updateRefused(
  target: DeploymentTarget,
  contractId: number,
  said: string,
  broken: readonly string[] = [],
): GridError {
  const next =
    broken.length === 0
      ? "the next run finishes or repairs it."
      : `its node has ${broken.join(", ")} in error, and the next plan says what brings it back and what is lost by that.`;
  return new GridError({
    code: "TFG_NODE_REFUSED",
    summary: `Node ${target.nodeId} refused the change of ${target.title}.`,
    facts: { contract: contractId, "node said": said },
    standing: `Contract ${contractId} still stands and bills; ${next}`,
    remedy: adviceFor(said),
  });
}

/** The configured node does not exist. */
export function unknownNode(nodeId: number, title: string): GridError {
  return new GridError({
    code: "TFG_NO_NODE",
    summary: `There is no node ${nodeId} on this network.`,
    facts: { "wanted for": title },
    standing: "Nothing was started and nothing was changed.",
    remedy: "check the node's number (node_id, hosts, nodes) and the network, or let placement choose a node.",
    attribute: ["node_id"],
  });
}

/** A node gave no sign of life before anything was made on it. */
export function nodeDown(target: Pick<DeploymentTarget, "nodeId" | "title">, cause: GridError): GridError {
  return new GridError({
    code: "TFG_NODE_UNREACHABLE",
    summary: `Node ${target.nodeId} does not answer, so ${target.title} was not started.`,
    facts: { cause: cause.summary },
    standing: "Nothing was made and nothing bills.",
    remedy: "try again later, or place it on another node; if every node is silent, the relay is at fault: check it.",
    retryable: true,
    attribute: ["node_id"],
    cause,
  });
}

/** A node would refuse the deployment as it is written. */
export function invalidDeployment(target: Pick<DeploymentTarget, "title">, problem: string): GridError {
  return new GridError({
    code: "TFG_INVALID_DEPLOYMENT",
    summary: `No node would take ${target.title} as it is configured.`,
    facts: { "a node would say": problem },
    standing: "Nothing was started.",
    remedy: "change what is objected to.",
  });
}

/** A node was not heard from; what was made for a creation is cancelled. */
export function nodeSilent(target: DeploymentTarget, after: Aftermath): GridError {
  return new GridError({
    code: "TFG_NODE_UNREACHABLE",
    summary: `Node ${target.nodeId} did not answer while ${target.title} was deployed.`,
    facts: { contract: after.contractId, cause: messageOf(after.cause).split("\n")[0] },
    standing: standingOf(after),
    remedy: "try again, or place it on another node.",
    retryable: true,
    cause: after.cause,
  });
}

/** A node was not heard from while something that stands was changed. */
export function nodeSilentOnUpdate(target: DeploymentTarget, contractId: number, cause: GridError): GridError {
  return new GridError({
    code: "TFG_NODE_UNREACHABLE",
    summary: `Node ${target.nodeId} did not answer while ${target.title} was changed.`,
    facts: { contract: contractId, cause: cause.summary },
    standing: `Contract ${contractId} still stands and bills; the next run finishes or repairs it.`,
    remedy: "run again when the node is back, or place it on another node.",
    retryable: true,
    cause,
  });
}

/** The user interrupted a change of something that stands. */
export function updateInterrupted(title: string, contractId: number): GridError {
  return new GridError({
    code: "TFG_INTERRUPTED",
    summary: `The change of ${title} was interrupted.`,
    facts: { contract: contractId },
    standing: `Contract ${contractId} stands and bills; what was begun is kept.`,
    remedy: "run again: the next run finishes it.",
    retryable: true,
  });
}

/** A creation failed for a reason other than its node; what was made for it is cancelled. */
export function createFailed(target: DeploymentTarget, after: Aftermath): GridError {
  return new GridError({
    code: "TFG_CREATE_FAILED",
    summary: `${target.title} could not be brought up.`,
    facts: { contract: after.contractId, node: target.nodeId, cause: messageOf(after.cause).split("\n")[0] },
    standing: standingOf(after),
    remedy: "see to the cause, then run again.",
    cause: after.cause,
  });
}

/** Workloads did not become ok in time. */
export function deployTimeout(target: DeploymentTarget, contractId: number, waiting: readonly string[]): GridError {
  return new GridError({
    code: "TFG_DEPLOY_TIMEOUT",
    summary: `Node ${target.nodeId} did not finish ${target.title} in time.`,
    facts: { contract: contractId, "still waiting for": waiting.join(", ") },
    standing: `Contract ${contractId} stands and bills.`,
    remedy: "run again to go on waiting, or place it on another node.",
    retryable: true,
  });
}

/** The change would lose users' data and nobody said it may. */
export function wouldLoseData(
  target: DeploymentTarget,
  contractId: number,
  loses: readonly { readonly name: string }[],
  hasBegun = false,
): GridError {
  return new GridError({
    code: "TFG_DATA_LOSS",
    summary: `The change of ${target.title} would lose the data of ${loses.map(({ name }) => name).join(", ")}.`,
    facts: { node: target.nodeId, contract: contractId },
    standing: hasBegun ? begunStanding(contractId) : "Nothing was changed.",
    remedy: "set allow_data_loss = true if the data may go, or replace the resource.",
  });
}

/** Something a node has too little of. */
export interface Shortage {
  /** What. */
  readonly of: string;
  /** How much is asked for. */
  readonly wanted: string;
  /** How much the node could give, what the object has already included. */
  readonly free: string;
}

/** What is asked for would not fit, and what runs would be down for it. */
export function noRoom(
  { title, nodeId, contractId }: { readonly title: string; readonly nodeId: number; readonly contractId: number },
  shortages: readonly Shortage[],
): GridError {
  return new GridError({
    code: "TFG_NO_ROOM",
    summary: `Node ${nodeId} has no room for ${title} as it is now configured.`,
    facts: {
      contract: contractId,
      ...Object.fromEntries(shortages.map(({ of, wanted, free }) => [of, `${wanted} wanted, ${free} there`])),
    },
    standing: `Nothing was changed: it goes on running as it was, under contract ${contractId}.`,
    remedy: "ask for less, or place it on another node, which replaces it.",
  });
}

/** A rebuild failed half way; the machine was brought back as it was, or is down. */
export function rebuildFailed(contractId: number, reason: GridError, isRestored: boolean): GridError {
  return new GridError({
    code: reason.code,
    summary: reason.summary,
    facts: reason.facts,
    standing: isRestored
      ? `It runs again as it was before, on a new root filesystem, under contract ${contractId}, which bills.`
      : `It is DOWN. Its disks and contract ${contractId} stand, and the contract bills.`,
    remedy: isRestored ? reason.remedy : `${reason.remedy} The next apply tries to bring it up again.`,
    cause: reason,
  });
}

/** What is left after a creation that did not work out. */
export interface Aftermath {
  /** The contract made for it. */
  readonly contractId: number;
  /** The contract made with it to reserve its name. */
  readonly nameContractId?: number;
  /** Whether their cancellation is confirmed. */
  readonly isCancelled: boolean;
  /** What went wrong. */
  readonly cause?: unknown;
}

function standingOf({ contractId, nameContractId, isCancelled }: Aftermath): string {
  if (nameContractId !== undefined) {
    const both = `contracts ${contractId} and ${nameContractId}, which reserves its name,`;
    return isCancelled
      ? `Nothing is running; ${both} were cancelled and bill no more.`
      : `C${both.slice(1)} could not be cancelled and may still bill; they are kept in state.`;
  }
  return isCancelled
    ? `Nothing is running; contract ${contractId} was cancelled and bills no more.`
    : `Contract ${contractId} could not be cancelled and may still bill; it is kept in state.`;
}

/** Advice by what nodes are known to say. @source zosbase provision engine and module messages */
function adviceFor(said: string): string {
  const advice: readonly [RegExp, string][] = [
    // First: it quotes a name, which may hold any of the words below.
    [
      /: conflict$/,
      "another deployment of this account on the node has that name. If its contract has ended, the node clears it away within the hour, when it compares with the chain: run again then, or use another node.",
    ],
    [/is not verified/, "verify the account's identity in the dashboard (KYC), then run again."],
    [/required memory/, "ask for less memory, or place it on a node with more free memory."],
    [/not enough space|no more free devices/, "ask for less storage, or place it on a node with more free storage."],
    [/[Ii][Pp][Vv]?6|ip6/, "choose a node with a public IPv6, or leave the public IPv6 out."],
    [/could not reserve ip|public ip/, "choose a farm with free public IPv4, or drop the public address."],
    [/failed to get deployment contract/, "the node had not seen the contract yet: run again."],
    [/flist|mount/, "check the image's flist address."],
    [/mycelium/, "turn mycelium on for the network, or off for this machine."],
  ];
  return advice.find(([pattern]) => pattern.test(said))?.[1] ?? "change what the node objects to, or use another node.";
}
