import type { DeploymentRecord } from "../../engine/deployment-target";
import type { PrivateData } from "../resource";
import type { Account } from "../session";

/** What is kept beside the state of an object: which grid it lives on, and the stamp this state wrote. No secrets. */
export interface DeploymentPrivate {
  /** Chain it lives on. */
  readonly genesis: string;
  /** Twin that owns it. */
  readonly twin: number;
  /** User's word for the network, for messages. */
  readonly network: string;
  /** Token of the stamp. */
  readonly token: string;
  /** Hash another client put on the contract, when refresh saw one. */
  readonly seenHash?: string;
  /** Keyed fingerprints of values from outside, by name: a change is noticed, the value stays unknown. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** Reads what Terraform kept; undefined for objects that have none yet. */
export function readPrivate(data: PrivateData): DeploymentPrivate | undefined {
  const { genesis, twin, network, token, seenHash, fingerprints } = data;
  if (typeof genesis !== "string" || typeof twin !== "number" || typeof token !== "string") return undefined;
  return {
    genesis,
    twin,
    network: typeof network === "string" ? network : "",
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
  const { genesisHash, twinId, network } = account;
  return { genesis: genesisHash, twin: twinId, network, token: record.token, fingerprints };
}

function isTextMap(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((item) => typeof item === "string");
}
