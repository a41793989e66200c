import type { AttributePath } from "../../../core/errors";
import { isObjectValue, isWhollyKnown, type ObjectValue, UNKNOWN, type Value } from "../../schema/value";
import type { ObjectShape, Shape } from "./shape";

/**
 * The places where a result differs from what was planned for it. Terraform refuses such a result; finding it here first
 * lets the answer name the attribute. Unknown planned values may become anything; sets with unknown elements are left
 * to Terraform.
 */
export function brokenPromises(shape: ObjectShape, planned: ObjectValue, actual: ObjectValue): AttributePath[] {
  const broken: AttributePath[] = [];
  compareObject(shape, [planned, actual], [], broken);
  return broken;
}

type Pair<T extends Value> = readonly [planned: T, actual: T];

function compareObject(shape: ObjectShape, pair: Pair<ObjectValue>, path: AttributePath, broken: AttributePath[]) {
  for (const [name, member] of shape.members) {
    compare(member.shape, [pair[0][name] ?? null, pair[1][name] ?? null], [...path, name], broken);
  }
}

function compare(shape: Shape, pair: Pair<Value>, path: AttributePath, broken: AttributePath[]): void {
  const [planned, actual] = pair;
  if (planned === UNKNOWN) return;
  if (Array.isArray(planned) && Array.isArray(actual)) {
    if (shape.kind === "set") compareSet([planned, actual], path, broken);
    else compareList(shape, [planned, actual], path, broken);
  } else if (isObjectValue(planned) && isObjectValue(actual)) {
    if (shape.kind === "object") compareObject(shape, [planned, actual], path, broken);
    else compareMap(shape, [planned, actual], path, broken);
  } else if (planned !== actual) {
    broken.push(path);
  }
}

function compareList(shape: Shape, pair: Pair<readonly Value[]>, path: AttributePath, broken: AttributePath[]): void {
  const [planned, actual] = pair;
  if (shape.kind !== "list" || planned.length !== actual.length) broken.push(path);
  else planned.forEach((item, i) => void compare(shape.element, [item, actual[i] ?? null], [...path, i], broken));
}

function compareMap(shape: Shape, pair: Pair<ObjectValue>, path: AttributePath, broken: AttributePath[]): void {
  const [planned, actual] = pair;
  const keys = Object.keys(planned);
  const sameKeys = keys.length === Object.keys(actual).length && keys.every((key) => Object.hasOwn(actual, key));
  if (shape.kind !== "map" || !sameKeys) broken.push(path);
  else
    for (const key of keys) compare(shape.element, [planned[key] ?? null, actual[key] ?? null], [...path, key], broken);
}

function compareSet(pair: Pair<readonly Value[]>, path: AttributePath, broken: AttributePath[]): void {
  const [planned, actual] = pair;
  if (!planned.every(isWhollyKnown)) return;
  const wanted = planned.map(canonical).sort();
  const got = actual.map(canonical).sort();
  if (wanted.length !== got.length || wanted.some((text, index) => text !== got[index])) broken.push(path);
}

/** One text per value: sets have no order to compare by. */
function canonical(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (!isObjectValue(value)) return typeof value === "bigint" ? `${value}` : String(JSON.stringify(value));
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`)}}`;
}
