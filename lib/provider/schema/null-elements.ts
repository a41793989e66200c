import type { AttributePath, GridError } from "../../core/errors";
import { badValue } from "./finding";
import type { Attribute } from "./schema";
import { isObjectValue, type ObjectValue, type Value } from "./value";

/** Finds nulls among the elements of lists and sets: Terraform lets them through, and no list here has a use for them. */
export function findNullElements(
  attributes: Readonly<Record<string, Attribute>>,
  values: ObjectValue,
  at: AttributePath = [],
): GridError[] {
  return Object.entries(attributes).flatMap(([name, { nested }]) => {
    const path = [...at, name];
    const value = values[name] ?? null;
    const inner = nested
      ? blocksOf(value, path).flatMap(([block, where]) => findNullElements(nested.attributes, block, where))
      : [];
    return [...nullsIn(value, path), ...inner];
  });
}

function nullsIn(value: Value, path: AttributePath): GridError[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, index) => {
    if (item !== null) return [];
    const remedy = "leave the element out; in an expression, compact() does that.";
    return [badValue({ attribute: [...path, index], given: "null", allowed: "a value", remedy })];
  });
}

/** Nested objects and where each is. */
function blocksOf(value: Value, path: AttributePath): [ObjectValue, AttributePath][] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index): [ObjectValue, AttributePath][] =>
      isObjectValue(item) ? [[item, [...path, index]]] : [],
    );
  }
  return isObjectValue(value) ? [[value, path]] : [];
}
