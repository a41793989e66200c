/**
 * The public text a contract carries on the chain: official keys first, so that dashboards and other clients read it,
 * then our stamp. The stamp is the only journal there is: what costs money is found again by it.
 *
 * @source grid client conventions: compact JSON, no blanks, at most 512 bytes, always valid JSON
 */
import { GridError } from "../core/errors";

/** What dashboards show and filter by. */
export interface SolutionLabel {
  /** The dashboards' word for the kind of solution: `vm`, `network`, `zdb`, `gateway`. */
  readonly type: string;
  /** Name shown. */
  readonly name: string;
  /** Page and name: `vm/web`. */
  readonly projectName: string;
}

/** Whose a contract is. Acting on a contract requires that all three are those in state. */
export interface Stamp {
  /** Lineage of the project: its name at creation, a dot, 16 hex digits. */
  readonly lineage: string;
  /** What it is for in that project: `kind/identity`. */
  readonly role: string;
  /** Drawn anew at every creation and adoption, so that a replaced object can never cancel its successor. */
  readonly token: string;
}

/** Longest deployment_data the chain accepts, in bytes. @source tfchain spec 152 metadata */
export const MAX_DEPLOYMENT_DATA = 512;

/** Writes the text of a contract. @throws {GridError} TFG_DATA_TOO_LONG over 512 bytes */
export function encodeDeploymentData(label: SolutionLabel, stamp: Stamp): string {
  const text = JSON.stringify({
    version: 3,
    type: label.type,
    name: label.name,
    projectName: label.projectName,
    cdktf: stampFields(stamp),
  });
  const bytes = Buffer.byteLength(text, "utf8");
  if (bytes > MAX_DEPLOYMENT_DATA) throw tooLong(stamp.role, bytes);
  return text;
}

/** Reads our stamp out of a contract's text; undefined for contracts of other clients and texts that are not JSON. */
export function decodeStamp(deploymentData: string): Stamp | undefined {
  return decodeStampFields(parseObject(deploymentData)?.cdktf);
}

/** A stamp as JSON: a stored format. */
export function stampFields({ lineage, role, token }: Stamp): Readonly<Record<"p" | "r" | "t", string>> {
  return { p: lineage, r: role, t: token };
}

/** Reads a stamp out of JSON of any origin; undefined when it is none. */
export function decodeStampFields(fields: unknown): Stamp | undefined {
  if (!isRecord(fields)) return undefined;
  const { p, r, t } = fields;
  if (typeof p !== "string" || typeof r !== "string" || typeof t !== "string") return undefined;
  return { lineage: p, role: r, token: t };
}

/** The name that dashboards show for a contract; undefined for texts without one. */
export function decodeLabelName(deploymentData: string): string | undefined {
  const name = parseObject(deploymentData)?.name;
  return typeof name === "string" ? name : undefined;
}

/** True when both are the very same object: lineage, role and token. */
export function sameStamp(a: Stamp, b: Stamp): boolean {
  return a.lineage === b.lineage && a.role === b.role && a.token === b.token;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    // Anybody can write anything into their contracts: text that is no JSON simply carries no stamp.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function tooLong(role: string, bytes: number): GridError {
  return new GridError({
    code: "TFG_DATA_TOO_LONG",
    summary: `The public text of the contract for ${role} is too long.`,
    facts: { bytes, allowed: MAX_DEPLOYMENT_DATA },
    standing: "Nothing was sent.",
    remedy: "use a shorter project name, name or identity.",
  });
}
