import { type AttributePath, GridError } from "../../core/errors";
import { IDENTITY_PATTERN, MAX_IDENTITY, WORKLOAD_NAME_PATTERN } from "../../model/identity";
import { checkRange } from "../schema/finding";
import type { ObjectValue, Value } from "../schema/value";

/** Checks name and identity of anything that belongs to a project. @param checkName what names may be */
export function validateIdentity(
  config: ObjectValue,
  checkName: (name: string) => readonly GridError[] = checkWorkloadName,
): GridError[] {
  const { name, identity } = config;
  const findings = typeof name === "string" ? [...checkName(name)] : [];
  if (typeof identity === "string" && !(IDENTITY_PATTERN.test(identity) && identity.length <= MAX_IDENTITY)) {
    findings.push(badIdentity(identity));
  }
  return findings;
}

/** Checks the number of a node: the chain counts them from 1, in 32 bits. */
export function checkNodeId(value: Value | undefined, attribute: AttributePath): GridError[] {
  return checkRange(value, attribute, { min: 1, max: 0xffff_ffff });
}

function checkWorkloadName(name: string): GridError[] {
  return WORKLOAD_NAME_PATTERN.test(name) ? [] : [badName(name)];
}

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
