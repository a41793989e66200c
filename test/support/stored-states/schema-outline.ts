import type { Attribute } from "../../../lib/provider/schema/schema";
import { type TypeJson, typeJson } from "../../../lib/provider/schema/type-json";

/** What of an attribute decides how its values are stored. */
export type OutlinedAttribute =
  | { readonly type: TypeJson; readonly writeOnly?: true }
  | { readonly nesting: string; readonly attributes: SchemaOutline; readonly writeOnly?: true };

/** What of a schema decides how states are stored: names, types and nesting. */
export type SchemaOutline = Readonly<Record<string, OutlinedAttribute>>;

type Attributes = Readonly<Record<string, Attribute>>;

/** The outline of a schema, to be kept beside states that it wrote. */
export function outlineOf(attributes: Attributes): SchemaOutline {
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, outlined(attribute)]));
}

/**
 * Changes that a state of the outlined schema does not survive as it is, each in a few words. An attribute that was added
 * is none as long as nobody has to give it: older states have null there.
 */
export function breakingChanges(stored: SchemaOutline, present: Attributes, path: readonly string[] = []): string[] {
  const at = (name: string) => [...path, name].join(".");
  const gone = Object.entries(stored).flatMap(([name, before]) => {
    const now = present[name];
    return now ? changesOf(before, now, [...path, name]) : [`${at(name)} is gone`];
  });
  const demanded = Object.entries(present).flatMap(([name, { required }]) =>
    required && !Object.hasOwn(stored, name) ? [`${at(name)} is new and required`] : [],
  );
  return [...gone, ...demanded];
}

function outlined(attribute: Attribute): OutlinedAttribute {
  const writeOnly = attribute.writeOnly ? { writeOnly: true as const } : {};
  if (!attribute.nested) return { type: typeJson(attribute.type as NonNullable<Attribute["type"]>), ...writeOnly };
  const { nesting, attributes } = attribute.nested;
  return { nesting, attributes: outlineOf(attributes), ...writeOnly };
}

function changesOf(before: OutlinedAttribute, now: Attribute, path: readonly string[]): string[] {
  const after = outlined(now);
  const name = path.join(".");
  if (before.writeOnly !== after.writeOnly) return [`${name} ${after.writeOnly ? "is" : "was"} write-only`];
  if ("nesting" in before && "nesting" in after && before.nesting === after.nesting) {
    return breakingChanges(before.attributes, now.nested?.attributes ?? {}, path);
  }
  const [was, is] = [kindOf(before), kindOf(after)];
  return was === is ? [] : [`${name} was ${was} and is ${is}`];
}

function kindOf(attribute: OutlinedAttribute): string {
  return "nesting" in attribute ? `nested (${attribute.nesting})` : JSON.stringify(attribute.type);
}
