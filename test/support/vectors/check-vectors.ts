import type { CaseResult } from "./case-result";
import { checkDeployments } from "./check-deployments";
import { checkNetworking, NETWORKING_SECTIONS } from "./check-networking";
import { checkRmb } from "./check-rmb";
import { checkSignatures } from "./check-signatures";
import { checkUpgrades } from "./check-upgrades";

/** A kind of vector file, known by its content. */
interface VectorFormat {
  readonly name: string;
  /** True for a file of this kind. */
  readonly fits: (json: unknown) => boolean;
  readonly check: (json: unknown) => CaseResult[] | Promise<CaseResult[]>;
}

const formats: readonly VectorFormat[] = [
  { name: "deployment upgrades", fits: (json) => isListWith(json, "old", "new"), check: checkUpgrades },
  { name: "signatures", fits: (json) => isListWith(json, "deployment", "node_accepts"), check: checkSignatures },
  { name: "deployments", fits: (json) => isListWith(json, "deployment"), check: checkDeployments },
  { name: "networking", fits: (json) => hasAny(json, NETWORKING_SECTIONS), check: checkNetworking },
  { name: "message bus", fits: (json) => hasAny(json, ["identities"]), check: checkRmb },
];

/** What a file turned out to be, and the verdict on each of its cases. */
export interface VectorReport {
  /** Name of the kind. */
  readonly format: string;
  /** At least one. */
  readonly results: readonly CaseResult[];
}

/**
 * Checks every case of a vector file, whatever its kind.
 *
 * @throws {Error} when the file is of no known kind, or holds no case.
 */
export async function checkVectors(json: unknown): Promise<VectorReport> {
  const format = formats.find(({ fits }) => fits(json));
  if (!format) throw new Error("no known vector format");
  const results = await format.check(json);
  if (results.length === 0) throw new Error("no cases");
  return { format: format.name, results };
}

function isListWith(json: unknown, ...fields: readonly string[]): boolean {
  return Array.isArray(json) && json.some((element) => fields.every((field) => hasAny(element, [field])));
}

function hasAny(json: unknown, fields: readonly string[]): boolean {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return false;
  return fields.some((field) => Object.hasOwn(json, field));
}
