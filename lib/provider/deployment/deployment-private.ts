import type { PrivateData } from "../resource";
import type { Account } from "../session";
import { type Origin, originOf, readOrigin } from "./same-grid";

/**
 * What is kept beside the state of an object: which grid it lives on, and what plans compare with. No secrets, and
 * nothing a destroy could not do without: Terraform hands none of it to the destroy of a tainted object.
 */
export interface DeploymentPrivate extends Origin {
  /** Hash another client put on the contract, when refresh saw one. */
  readonly seenHash?: string;
  /** Disks and namespaces that refresh found in error: to repair them is to lose what is on them. */
  readonly broken: readonly string[];
  /** Keyed fingerprints of values from outside, by name: a change is noticed, the value stays unknown. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** Reads what Terraform kept; undefined for objects that have none yet. */
export function readPrivate(data: PrivateData): DeploymentPrivate | undefined {
  const { seenHash, broken, fingerprints } = data;
  const origin = readOrigin(data);
  if (!origin) return undefined;
  return {
    ...origin,
    ...(typeof seenHash === "string" ? { seenHash } : {}),
    broken: Array.isArray(broken) ? broken.map(String) : [],
    fingerprints: isTextMap(fingerprints) ? fingerprints : {},
  };
}

/** Whether an object was imported and no apply has touched it since: state does not know its secrets and its environment. */
export function isImported({ isImported: mark }: PrivateData): boolean {
  return mark === true;
}

/** What to keep for an object that stands. */
export function privateOf(account: Account, fingerprints: Readonly<Record<string, string>>): PrivateData {
  return { ...originOf(account), fingerprints };
}

function isTextMap(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((item) => typeof item === "string");
}
