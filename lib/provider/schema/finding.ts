import { badValue } from "../../core/bad-value";
import type { AttributePath, GridError } from "../../core/errors";

export { badValue };

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
