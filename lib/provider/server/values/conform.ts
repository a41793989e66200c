import type { AttributePath } from "../../../core/errors";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "../../schema/value";
import type { ObjectShape, Shape } from "./shape";

/** How values that do not fit are treated. */
export interface ConformOptions {
  /** Unknowns: kept (plan), replaced by null (partial results), or reported and replaced by null (results). */
  readonly unknown: "keep" | "null" | "report";
  /** Called with each place that does not fit. */
  readonly report: (path: AttributePath, problem: string) => void;
}

/**
 * A value of exactly the given shape, as Terraform wants to have it: every member present, write-only members null,
 * strings in NFC. What does not fit is reported and becomes null, so that there is always an answer that can be stored:
 * a lost answer would lose the ids of things that cost money.
 */
export function conform(shape: ObjectShape, value: ObjectValue, options: ConformOptions): ObjectValue {
  return conformObject(shape, value, [], options);
}

/** The value with every write-only member null. */
export function withoutWriteOnly(shape: ObjectShape, value: ObjectValue): ObjectValue {
  return conform(shape, value, { unknown: "keep", report: () => undefined });
}

function conformObject(shape: ObjectShape, value: ObjectValue, path: AttributePath, options: ConformOptions) {
  for (const name of Object.keys(value)) {
    if (!shape.members.has(name)) options.report([...path, name], "is not in the schema");
  }
  const members = [...shape.members].map(([name, member]) => {
    if (member.isWriteOnly) return [name, null] as const;
    const given = value[name];
    if (given === undefined) options.report([...path, name], "is missing");
    return [name, conformValue(member.shape, given ?? null, [...path, name], options)] as const;
  });
  return Object.fromEntries(members);
}

function conformValue(shape: Shape, value: Value, path: AttributePath, options: ConformOptions): Value {
  if (value === null) return null;
  if (value === UNKNOWN) {
    if (options.unknown === "report") options.report(path, "is still unknown");
    return options.unknown === "keep" ? UNKNOWN : null;
  }
  const fitted = conformKnown(shape, value, path, options);
  if (fitted === undefined) options.report(path, `is not a ${shape.kind}`);
  return fitted ?? null;
}

function conformKnown(shape: Shape, value: Value, path: AttributePath, options: ConformOptions): Value | undefined {
  if (shape.kind === "object") return isObjectValue(value) ? conformObject(shape, value, path, options) : undefined;
  if (shape.kind === "map") {
    if (!isObjectValue(value)) return undefined;
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, conformValue(shape.element, item, [...path, key], options)]),
    );
  }
  if (shape.kind === "list" || shape.kind === "set") {
    if (!Array.isArray(value)) return undefined;
    return value.map((item, index) => conformValue(shape.element, item, [...path, index], options));
  }
  return conformScalar(shape.kind, value);
}

function conformScalar(kind: "string" | "number" | "bool", value: Value): Value | undefined {
  if (kind === "string") return typeof value === "string" ? value.normalize("NFC") : undefined;
  if (kind === "bool") return typeof value === "boolean" ? value : undefined;
  return typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value)) ? value : undefined;
}
