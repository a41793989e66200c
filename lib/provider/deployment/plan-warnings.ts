import type { DeploymentTarget } from "../../engine/deployment-target";
import type { UpdatePlan } from "../../engine/update-phases";
import { updateSupport } from "../../model/workloads/update-support";
import type { CallContext, PrivateData } from "../resource";
import type { ObjectValue } from "../schema/value";
import type { DeploymentKind } from "./deployment-kind";
import { readPrivate } from "./deployment-private";
import type { LiveSecrets } from "./secret-resolver";

/** A destroy plans first, so that nothing observed may stop a plan. */
export async function warnOfObstacles(kind: DeploymentKind, planned: ObjectValue, context: CallContext): Promise<void> {
  const engine = await context.session.engine(context);
  const found = await Promise.all([kind.obstacles?.(planned, engine), kind.refusals?.(planned, engine)]);
  for (const { summary, message } of found.flatMap((each) => each ?? []))
    context.warn(summary, message.slice(summary.length).trim());
}

/** A plan is made without a secret that only the apply needs, and says so. */
export function warnMissing(context: CallContext, target: DeploymentTarget, secrets: LiveSecrets): void {
  if (secrets.missing.length === 0) return;
  context.warn(`${target.title}: a secret is missing here`, `${secrets.missing.join("\n")}\nAn apply will need it.`);
}

/** True when something is in error that can only be made anew, and its loss is not allowed. */
export function warnBroken(
  context: CallContext,
  { title, allowDataLoss }: DeploymentTarget,
  kept: PrivateData,
): boolean {
  const broken = readPrivate(kept)?.broken ?? [];
  if (broken.length === 0 || allowDataLoss) return false;
  context.warn(
    `${title}: ${broken.join(", ")} cannot be repaired without losing what is on it`,
    "Its node has it in error. As long as nothing else changes it is left alone; set allow_data_loss to have it made anew, empty, or replace the object.",
  );
  return true;
}

/**
 * True when a new contract, which alone could have an address again, would cost what is stored under this one, and that is
 * not allowed.
 */
export function warnOfLostAddresses(
  context: CallContext,
  { title, workloads, allowDataLoss }: DeploymentTarget,
): boolean {
  const storage = workloads.filter(({ type }) => updateSupport[type].losesData).map(({ name }) => name);
  if (storage.length === 0 || allowDataLoss) return false;
  context.warn(
    `${title}: another public IPv4 would cost what is on ${storage.join(", ")}`,
    "Only a new contract gets one. As long as that is not allowed it is left without; set allow_data_loss to have it made anew, empty, or replace the object.",
  );
  return true;
}

/** What is known of a change that may take a machine down. */
interface Rebuild {
  readonly update: UpdatePlan;
  readonly isSame: boolean;
  readonly keepsAddresses: boolean;
  readonly isImported: boolean;
}

/** Write-only values are not remembered: that they changed shows in the hash alone, when something else is changed too. */
export function warnRebuilt(context: CallContext, target: DeploymentTarget, rebuild: Rebuild): void {
  const { update, isSame } = rebuild;
  const isByHash = update.phases.length === 0 && !isSame;
  const machines = target.workloads.filter(
    ({ name, type }) =>
      (isByHash || update.rebuilt.includes(name)) && (type === "zmachine" || type === "zmachine-light"),
  );
  const lost = update.loses.map(({ name }) => name).join(", ");
  if (lost !== "") context.warn(`${target.title} will lose data`, `What is on ${lost} goes: allow_data_loss is set.`);
  if (machines.length === 0) return;
  if (rebuild.isImported) {
    context.warn(
      `${target.title} may be rebuilt in place`,
      "It was imported, and state does not know its environment: the apply compares, and rebuilds only what differs.",
    );
    return;
  }
  const kept = [lost === "" ? "Disks, volumes" : "What else it has", ...(rebuild.keepsAddresses ? ["addresses"] : [])];
  context.warn(
    `${target.title} will be rebuilt in place`,
    `Its root filesystem starts anew from the image. ${kept.join(", ")} and the contract stay.`,
  );
}
