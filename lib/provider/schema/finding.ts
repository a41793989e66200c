import { type AttributePath, GridError } from "../../core/errors";

/** What is wrong with one configured value. */
export interface FindingFacts {
  /** Where, from the root of the block. */
  readonly attribute: AttributePath;
  /** The value as the user wrote it; left out when it may be a secret. */
  readonly given?: string | number | boolean | bigint;
  /** What would be right. */
  readonly allowed: string;
  /** What to do, when it is more than writing an allowed value. */
  readonly remedy?: string;
}

/** A configured value that the grid does not allow. Found before anything is started. */
export function badValue({ attribute, given, allowed, remedy }: FindingFacts): GridError {
  const name = attribute
    .map((step) => (typeof step === "number" ? `[${step}]` : step))
    .join(".")
    .replaceAll(".[", "[");
  const shown = typeof given === "string" ? JSON.stringify(given.slice(0, 100)) : given;
  return new GridError({
    code: "TFG_BAD_VALUE",
    summary: given === undefined ? `${name} is not allowed.` : `${name} cannot be ${shown}.`,
    facts: { given: shown, allowed },
    standing: "Nothing was started.",
    remedy: remedy ?? `set ${name} to ${allowed}.`,
    attribute,
  });
}

/** Checks a whole number against a range; values that are unknown or unset pass. */
export function checkRange(
  value: unknown,
  attribute: AttributePath,
  range: { readonly min: number; readonly max: number; readonly unit?: string },
): GridError[] {
  if (typeof value !== "number" && typeof value !== "bigint") return [];
  const number = Number(value);
  if (Number.isInteger(number) && number >= range.min && number <= range.max) return [];
  const unit = range.unit ? ` ${range.unit}` : "";
  return [badValue({ attribute, given: value, allowed: `a whole number from ${range.min} to ${range.max}${unit}` })];
}
