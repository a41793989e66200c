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
  /** Whether the contract no longer holds the public IPv4 it was made with: no change can give it another. */
  readonly lacksAddresses: boolean;
  /** Whether, beside that, something else is wrong that a change in place mends. */
  readonly needsRepair: boolean;
  /** The node that the contract was migrated to, where that is not the one in state. */
  readonly migratedTo?: number;
  /** Keyed fingerprints of values from outside, by name: a change is noticed, the value stays unknown. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** Reads what Terraform kept; undefined for objects that have none yet. */
export function readPrivate(data: PrivateData): DeploymentPrivate | undefined {
  const { seenHash, broken, lacksAddresses, needsRepair, migratedTo, fingerprints } = data;
  const origin = readOrigin(data);
  if (!origin) return undefined;
  return {
    ...origin,
    ...(typeof seenHash === "string" ? { seenHash } : {}),
    broken: Array.isArray(broken) ? broken.map(String) : [],
    lacksAddresses: lacksAddresses === true,
    needsRepair: needsRepair === true,
    ...(typeof migratedTo === "number" ? { migratedTo } : {}),
    fingerprints: isTextMap(fingerprints) ? fingerprints : {},
  };
}

/** Whether an object was imported and no apply has touched it since: state does not know its secrets and its environment. */
export function isImported({ isImported: mark }: PrivateData): boolean {
  return mark === true;
}

/** What refreshes found out and later ones may find otherwise; the successor is of the plan that said so. */
export function withoutFindings(data: PrivateData): PrivateData {
  const {
    imported: _,
    seenHash: _seenHash,
    broken: _broken,
    lacksAddresses: _lacksAddresses,
    needsRepair: _needsRepair,
    migratedTo: _migratedTo,
    successor: _successor,
    ...kept
  } = data;
  return kept;
}

/** What to keep for an object that stands. */
export function privateOf(account: Account, fingerprints: Readonly<Record<string, string>>): PrivateData {
  return { ...originOf(account), fingerprints };
}

function isTextMap(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((item) => typeof item === "string");
}
