import type { DeploymentTarget } from "../../engine/deployment-target";
import { gpusOf } from "../../engine/node/free-gpus";
import { needOf } from "../../engine/node/free-room";
import type { Successor } from "../../engine/replacement";
import type { PrivateData } from "../resource";

/** What is to take the place of an object that a replacement destroys first. */
export interface PlannedSuccessor extends Omit<Successor, "title" | "contractId"> {
  /** References to secrets that only the apply can read, by where they are used. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * What a creation leaves for the destroy it may be the other half of: Terraform hands the destroy of a replacement the
 * private data of the creation's plan, and a plain destroy none of it. Holds references, never secrets.
 */
export function successorData(target: DeploymentTarget, secrets: PlannedSuccessor["secrets"]): PrivateData {
  const { nodeId, cru, mru, sru, hru } = needOf(target, 0);
  return {
    successor: {
      nodeId,
      cru,
      mru,
      sru,
      hru,
      publicIps: target.publicIps,
      types: target.workloads.map(({ type }) => type),
      gpus: gpusOf(target.workloads),
      reservedName: target.reservation?.name,
      secrets,
    },
  };
}

/** Reads what a creation left; undefined for a destroy that nothing follows. */
export function readSuccessor({ successor }: PrivateData): PlannedSuccessor | undefined {
  if (typeof successor !== "object" || successor === null) return undefined;
  const given: Readonly<Record<string, unknown>> = { ...successor };
  const amount = (name: string) => (typeof given[name] === "number" ? given[name] : 0);
  return {
    nodeId: amount("nodeId"),
    cru: amount("cru"),
    mru: amount("mru"),
    sru: amount("sru"),
    hru: amount("hru"),
    publicIps: amount("publicIps"),
    types: textsIn(given.types),
    gpus: textsIn(given.gpus),
    ...(typeof given.reservedName === "string" ? { reservedName: given.reservedName } : {}),
    secrets: textsOf(given.secrets),
  };
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function textsOf(value: unknown): Record<string, string> {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
