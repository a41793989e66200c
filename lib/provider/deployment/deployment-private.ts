import type { DeploymentRecord } from "../../engine/deployment-target";
import type { PrivateData } from "../resource";
import type { Account } from "../session";
import { type Origin, originOf, readOrigin } from "./same-grid";

/** What is kept beside the state of an object: which grid it lives on, and the stamp this state wrote. No secrets. */
export interface DeploymentPrivate extends Origin {
  /** Token of the stamp. */
  readonly token: string;
  /** Hash another client put on the contract, when refresh saw one. */
  readonly seenHash?: string;
  /** Keyed fingerprints of values from outside, by name: a change is noticed, the value stays unknown. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** Reads what Terraform kept; undefined for objects that have none yet. */
export function readPrivate(data: PrivateData): DeploymentPrivate | undefined {
  const { token, seenHash, fingerprints } = data;
  const origin = readOrigin(data);
  if (!origin || typeof token !== "string") return undefined;
  return {
    ...origin,
    token,
    ...(typeof seenHash === "string" ? { seenHash } : {}),
    fingerprints: isTextMap(fingerprints) ? fingerprints : {},
  };
}

/** What to keep for an object that stands. */
export function privateOf(
  account: Account,
  record: DeploymentRecord,
  fingerprints: Readonly<Record<string, string>>,
): PrivateData {
  return { ...originOf(account), token: record.token, fingerprints };
}

function isTextMap(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((item) => typeof item === "string");
}
