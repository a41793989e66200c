/**
 * What Terraform core itself does with values around a provider's plan: what it proposes, what it accepts as a plan, and
 * what it accepts as a result. Written after the protocol's rules, not after the provider.
 *
 * @source hashicorp/terraform internal/plans/objchange (proposed_new.go, plan_valid.go, compatible.go)
 */
import type { Attribute, NestedType } from "../../lib/provider/schema/schema";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value, valuesEqual } from "../../lib/provider/schema/value";

type Attributes = Readonly<Record<string, Attribute>>;

/** A configuration with every attribute of the schema present, as Terraform sends it. */
export function wholeConfig(attributes: Attributes, block: Readonly<Record<string, unknown>>): ObjectValue {
  const members = Object.entries(attributes).map(([name, { nested }]): [string, Value] => {
    const value = (block[name] ?? null) as Value;
    return [name, nested ? eachNested(nested, value, (item) => wholeConfig(nested.attributes, item)) : value];
  });
  return Object.fromEntries(members);
}

/** What Terraform proposes: configuration, with earlier values where the provider computes and the user is silent. */
export function proposedNewState(attributes: Attributes, prior: ObjectValue | null, config: ObjectValue): ObjectValue {
  const members = Object.entries(attributes).map(([name, attribute]): [string, Value] => {
    const before = prior?.[name] ?? null;
    const given = config[name] ?? null;
    if (attribute.computed && given === null) return [name, cameFromConfig(attribute, before) ? null : before];
    return [name, attribute.nested ? proposedNested(attribute.nested, before, given) : given];
  });
  return Object.fromEntries(members);
}

/** Why Terraform would call a plan invalid; empty when it takes it. */
export function invalidPlan(
  attributes: Attributes,
  values: { readonly prior: ObjectValue | null; readonly config: ObjectValue; readonly planned: ObjectValue },
): string[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const planned: Value | undefined = values.planned[name];
    if (planned === undefined) return [`${name} is missing`];
    const given: Triple = { prior: values.prior?.[name] ?? null, config: values.config[name] ?? null, planned };
    return invalidValue(attribute, given).map((problem) => `${name}${problem}`);
  });
}

/** Where a later value differs from an earlier promise: a second plan from the first, or a result from its plan. */
export function brokenBy(promised: Value, actual: Value, path = ""): string[] {
  if (promised === UNKNOWN) return [];
  if (Array.isArray(promised) && Array.isArray(actual) && promised.length === actual.length) {
    return promised.flatMap((item, index) => brokenBy(item, actual[index] ?? null, `${path}[${index}]`));
  }
  if (isObjectValue(promised) && isObjectValue(actual)) {
    const names = [...new Set([...Object.keys(promised), ...Object.keys(actual)])];
    return names.flatMap((name) => {
      const isIn = name in promised && name in actual;
      return isIn ? brokenBy(promised[name] ?? null, actual[name] ?? null, `${path}.${name}`) : [`${path}.${name}`];
    });
  }
  return promised === actual ? [] : [`${path}: ${shown(promised)} became ${shown(actual)}`];
}

/** A value as text, unknowns included. */
export function shown(value: Value | undefined): string {
  return JSON.stringify(value, (_, item) => (item === UNKNOWN ? "(unknown)" : item)) ?? "undefined";
}

function proposedNested(nested: NestedType, before: Value, given: Value): Value {
  const member = (prior: Value | undefined, item: ObjectValue) =>
    proposedNewState(nested.attributes, isObjectValue(prior) ? prior : null, item);
  if (nested.nesting === "single") return isObjectValue(given) ? member(before, given) : given;
  return eachNested(nested, given, (item, key) => {
    if (Array.isArray(before)) return member(before[Number(key)], item);
    return member(isObjectValue(before) ? before[key] : null, item);
  });
}

/** Applies something to each object of a nested attribute. */
function eachNested(nested: NestedType, value: Value, convert: (item: ObjectValue, key: string) => Value): Value {
  const one = (item: Value, key: string) => (isObjectValue(item) ? convert(item, key) : item);
  if (Array.isArray(value)) return value.map((item, index) => one(item, String(index)));
  if (!isObjectValue(value)) return value;
  if (nested.nesting === "single") return convert(value, "");
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, one(item, key)]));
}

/** An earlier nested value with members only a user can have set: the user has taken it out. */
function cameFromConfig({ nested, optional }: Attribute, before: Value): boolean {
  if (!nested || !optional) return false;
  const own = Object.entries(nested.attributes).filter(([, { computed }]) => !computed);
  const items = Array.isArray(before) ? before : nested.nesting === "single" ? [before] : Object.values(before ?? {});
  return items.some((item) => isObjectValue(item) && own.some(([name]) => (item[name] ?? null) !== null));
}

interface Triple {
  readonly prior: Value;
  readonly config: Value;
  readonly planned: Value;
}

function invalidValue(attribute: Attribute, values: Triple): string[] {
  const { prior, config, planned } = values;
  if (attribute.writeOnly) return planned === null ? [] : [" is write-only and not null"];
  if (valuesEqual(planned, config)) return [];
  if (valuesEqual(planned, prior) && prior !== null && config !== null) return [];
  if (config === null) return attribute.computed ? [] : [` is planned as ${shown(planned)} and not configured`];
  if (attribute.nested) return invalidNested(attribute.nested, values);
  return [` is planned as ${shown(planned)}, configured as ${shown(config)}, was ${shown(prior)}`];
}

function invalidNested(nested: NestedType, { prior, config, planned }: Triple): string[] {
  const boxed = (value: Value): Value => (nested.nesting === "single" ? { one: value } : value);
  const before: Value = boxed(prior);
  const given: Value = boxed(config);
  const wanted: Value = boxed(planned);
  if (!isContainer(given) || !isContainer(wanted)) return [` is planned as ${shown(planned)}`];
  const keys = Object.keys(wanted);
  if (keys.length !== Object.keys(given).length) return [" has another number of elements than configured"];
  return keys.flatMap((key) => {
    const config: Value = entry(given, key);
    const planned: Value = entry(wanted, key);
    if (!isObjectValue(config) || !isObjectValue(planned)) {
      return valuesEqual(config, planned) ? [] : [`.${key} is planned as ${shown(planned)}`];
    }
    const prior: Value = isContainer(before) ? entry(before, key) : null;
    const problems = invalidPlan(nested.attributes, { prior: isObjectValue(prior) ? prior : null, config, planned });
    return problems.map((problem) => `.${key}.${problem}`);
  });
}

function isContainer(value: Value): value is ObjectValue | readonly Value[] {
  return typeof value === "object" && value !== null;
}

function entry(container: ObjectValue | readonly Value[], key: string): Value {
  return (Array.isArray(container) ? container[Number(key)] : (container as ObjectValue)[key]) ?? null;
}
