import { Token } from "cdktf";
import type { AttributePath, GridError } from "../../core/errors";
import { badValue, checkRange } from "./problems";

/** Checks a number that decides how many resources there are: it has to be known when the program runs. */
export function checkPlainCount(
  value: number | undefined,
  attribute: AttributePath,
  range: { readonly min: number; readonly max: number },
): readonly GridError[] {
  if (!Token.isUnresolved(value)) return checkRange(value, attribute, range);
  const remedy = "give a plain number: each of them is a resource of its own.";
  return [badValue({ attribute, what: "is only known to Terraform", allowed: "a plain number", remedy })];
}
