/**
 * What is wrong with what a construct was given, in the very words the provider would use later: a test compares them.
 */
import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { badValue } from "../../core/bad-value";
import { type AttributePath, GridError } from "../../core/errors";
import { IDENTITY_PATTERN, MAX_IDENTITY, WORKLOAD_NAME_PATTERN } from "../../model/identity";
import type { Kind } from "./kinds";

export { badValue };

/** One check of a construct's properties. A value that Terraform will only know later passes. */
export type Rule<Props> = (props: Props) => readonly GridError[];

/**
 * Checks all rules of a construct.
 *
 * @param kind what the properties are made of. Where that is wrong the rules, which rely on it, are not asked
 * @throws {GridError} with everything that is wrong
 */
export function check<Props>(construct: IConstruct, props: Props, rules: readonly Rule<Props>[], kind?: Kind): void {
  const misfits = kind?.(props, []) ?? [];
  const problems = misfits.length > 0 ? misfits : rules.flatMap((rule) => rule(props));
  const [first] = problems;
  if (!first) return;
  const where = `${construct.constructor.name} "${construct.node.path}"`;
  if (problems.length === 1) throw first.with({ facts: { construct: where, ...first.facts } });
  throw new GridError({
    code: "TFG_BAD_PROPS",
    summary: `${where} was given ${problems.length} values that cannot be used.`,
    facts: Object.fromEntries(problems.map(({ summary, facts }) => [summary, `allowed: ${facts.allowed}`])),
    standing: "Nothing was started.",
    remedy: "change these values.",
  });
}

/** Checks a whole number against a range. */
export function checkRange(
  value: number | undefined,
  attribute: AttributePath,
  range: { readonly min: number; readonly max: number; readonly unit?: string },
): GridError[] {
  if (value === undefined || Token.isUnresolved(value)) return [];
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return [];
  const allowed = `a whole number from ${range.min} to ${range.max}${range.unit ? ` ${range.unit}` : ""}`;
  return [
    badValue({ attribute, allowed, ...(range.unit ? { what: `cannot be ${value} ${range.unit}` } : { given: value }) }),
  ];
}

/** Checks the name people see. */
export const checkName: Rule<{ readonly name?: string }> = ({ name }) => {
  if (name === undefined || Token.isUnresolved(name) || WORKLOAD_NAME_PATTERN.test(name)) return [];
  return [badName(name)];
};

/** Checks the identity, which must be plain text: keys of the synthesised text hang on it. */
export const checkIdentity: Rule<{ readonly identity?: string }> = ({ identity }) => {
  if (identity === undefined || (IDENTITY_PATTERN.test(identity) && identity.length <= MAX_IDENTITY)) return [];
  return [badIdentity(identity)];
};

function badName(given: string): GridError {
  return new GridError({
    code: "TFG_BAD_NAME",
    summary: `The grid does not allow the name "${given.slice(0, 60)}".`,
    facts: { given: given.slice(0, 60), allowed: "1 to 36 letters, digits and _" },
    standing: "Nothing was started.",
    remedy: `rename it, for example to "${given.replace(/[^A-Za-z0-9_]/g, "_").slice(0, 36) || "web"}".`,
    attribute: ["name"],
  });
}

function badIdentity(given: string): GridError {
  return new GridError({
    code: "TFG_BAD_IDENTITY",
    summary: `"${given.slice(0, 60)}" cannot be an identity.`,
    facts: {
      given: given.slice(0, 80),
      allowed: `1 to ${MAX_IDENTITY} letters, digits, _ - . and /, beginning with a letter, a digit or _`,
    },
    standing: "Nothing was started.",
    remedy: "use a short path-like text, for example cluster/server-1.",
    attribute: ["identity"],
  });
}
