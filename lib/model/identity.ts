import { createHash } from "node:crypto";

/** Longest identity: with the longest project name it still fits a contract's 512 bytes. */
export const MAX_IDENTITY = 64;

/** Letters, digits, `_`, `-`, `.` and `/`: construct paths fit. */
export const IDENTITY_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/;

/** Project names: they are stamped on every contract and scope every derived key. */
export const PROJECT_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/;

/** Names of workloads on a node. @source zosbase pkg/gridtypes: workload name rule */
export const WORKLOAD_NAME_PATTERN = /^[A-Za-z0-9_]{1,36}$/;

/** Longest workload name. @source zosbase pkg/gridtypes */
const MAX_WORKLOAD_NAME = 36;

/**
 * Name of a network on the grid: the user's name, letters and digits only, and six hex digits of a hash over scope and
 * identity, because network names share one space per twin and node.
 */
export function networkNameOnGrid(name: string, scope: string, identity: string): string {
  const suffix = shortHash(`${scope}\n${identity}`);
  const plain = name.replace(/[^A-Za-z0-9]/g, "");
  return `${plain.slice(0, MAX_WORKLOAD_NAME - suffix.length)}${suffix}`;
}

/** Turns free text into a workload name: other characters become `_`, cut with a hash when too long. */
export function toWorkloadName(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9_]/g, "_");
  if (plain.length <= MAX_WORKLOAD_NAME) return plain;
  const suffix = `_${shortHash(text)}`;
  return `${plain.slice(0, MAX_WORKLOAD_NAME - suffix.length)}${suffix}`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex").slice(0, 6);
}
