/** Stands for a value Terraform does not know yet, anywhere inside a plan. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** An object or map value. Objects hold every attribute of their schema, null where unset. */
export interface ObjectValue {
  readonly [name: string]: Value;
}

/**
 * A Terraform value in TypeScript. Numbers that do not fit a double exactly arrive as bigint.
 * Empty list, null list and unknown list are three different things.
 */
export type Value = null | string | number | bigint | boolean | typeof UNKNOWN | readonly Value[] | ObjectValue;

/** True for objects and maps. */
export function isObjectValue(value: Value | undefined): value is ObjectValue {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True when the value and everything inside it is known. */
export function isWhollyKnown(value: Value): boolean {
  if (value === UNKNOWN) return false;
  if (Array.isArray(value)) return value.every(isWhollyKnown);
  if (isObjectValue(value)) return Object.values(value).every(isWhollyKnown);
  return true;
}

/** Structural equality; unknown equals only unknown. Sets compare in the order given (Terraform orders them). */
export function valuesEqual(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => valuesEqual(item, b[index] ?? null));
  }
  if (!isObjectValue(a) || !isObjectValue(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => name in b && valuesEqual(a[name] ?? null, b[name] ?? null))
  );
}
