import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A provider as `terraform.required_providers` names it. */
export interface RequiredProvider {
  /** `hashicorp/null`, `registry.terraform.io/hashicorp/null`, … */
  readonly source: string;
  /** Version constraint. */
  readonly version?: string;
}

/** An entry whose package is known. */
export interface LockedProvider {
  readonly source: string;
  readonly version: string;
  /** `h1:…` */
  readonly hash: string;
}

const header = `# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.
`;

/**
 * Writes our entry into the dependency lock file of a stack and keeps those of others. A required provider that lacks a
 * fitting entry gets one without hashes, which `terraform init` completes: with any entry missing, the cdktf CLI would run
 * `terraform providers lock` for all of them, which asks the registry for ours too and fails.
 *
 * @returns warnings about providers whose version is not exact, so that no entry can be written
 */
export function lockProviders(
  stackDir: string,
  own: LockedProvider,
  required: readonly RequiredProvider[],
): readonly string[] {
  const path = join(stackDir, ".terraform.lock.hcl");
  const entries = readEntries(path);
  const warnings: string[] = [];
  for (const { source, version } of required) {
    const address = fullAddress(source);
    const exact = exactVersion(version);
    if (address === own.source || isLocked(entries.get(address), exact)) continue;
    if (exact) entries.set(address, entry(address, exact));
    else warnings.push(inexactVersion(address, version));
  }
  entries.set(own.source, entry(own.source, own.version, own.hash));
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  writeAtomically(path, `${header}\n${sorted.join("\n")}`);
  return warnings;
}

/** Entries of a lock file as they stand, by provider address. */
function readEntries(path: string): Map<string, string> {
  const text = readIfThere(path).replaceAll("\r\n", "\n");
  const blocks = text.matchAll(/^provider "([^"]+)" \{\n(?:.*\n)*?\}\n?/gm);
  return new Map([...blocks].map(([block, address]) => [address ?? "", `${block.trimEnd()}\n`]));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** An entry fits when it holds the wanted version; for version ranges Terraform decides, any entry is kept. */
function isLocked(block: string | undefined, exact: string | undefined): boolean {
  if (!block) return false;
  return exact === undefined || /^\s*version\s*=\s*"([^"]*)"/m.exec(block)?.[1] === exact;
}

function entry(address: string, version: string, hash?: string): string {
  const hashes = hash ? `  hashes = [\n    "${hash}",\n  ]\n` : "";
  return `provider "${address}" {\n  version     = "${version}"\n  constraints = "${version}"\n${hashes}}\n`;
}

/** `1.2.3` of `1.2.3` or `= 1.2.3`; undefined for anything that leaves a choice. */
function exactVersion(constraint: string | undefined): string | undefined {
  return /^\s*=?\s*(\d+\.\d+\.\d+(?:-[\w.-]+)?)\s*$/.exec(constraint ?? "")?.[1];
}

function fullAddress(source: string): string {
  const parts = source.toLowerCase().split("/");
  const defaults = ["registry.terraform.io", "hashicorp"];
  return [...defaults.slice(0, Math.max(0, 3 - parts.length)), ...parts].join("/");
}

function inexactVersion(address: string, version: string | undefined): string {
  return (
    `The provider ${address} is required ${version ? `as "${version}"` : "without a version"}, so its lock entry cannot be ` +
    "written ahead, and the cdktf CLI will fail while it locks providers. Give it an exact version, or run cdktf with --skip-provider-lock."
  );
}

function writeAtomically(path: string, text: string): void {
  const staged = `${path}.${process.pid}`;
  writeFileSync(staged, text);
  renameSync(staged, path);
}
