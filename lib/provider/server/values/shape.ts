import type { Attribute, BlockSchema, ValueType } from "../../schema/schema";

/**
 * What a value must look like, with the difference between nested attributes and object types taken away: the wire does
 * not show it, so everything that walks over values needs to know only this.
 */
export type Shape =
  | { readonly kind: "string" | "number" | "bool" }
  | { readonly kind: "list" | "set" | "map"; readonly element: Shape }
  | ObjectShape;

/** An object: its members by name. */
export interface ObjectShape {
  readonly kind: "object";
  readonly members: ReadonlyMap<string, Member>;
}

/** One member of an object. */
export interface Member {
  readonly shape: Shape;
  /** Exists in configuration only: null everywhere else. */
  readonly isWriteOnly: boolean;
}

const shapes = new WeakMap<BlockSchema, ObjectShape>();

/** The shape of a schema's values; worked out once per schema. */
export function shapeOf(schema: BlockSchema): ObjectShape {
  const known = shapes.get(schema);
  if (known) return known;
  const shape = shapeOfAttributes(schema.attributes);
  shapes.set(schema, shape);
  return shape;
}

function shapeOfAttributes(attributes: Readonly<Record<string, Attribute>>): ObjectShape {
  const members = Object.entries(attributes).map(
    ([name, attribute]) =>
      [name, { shape: shapeOfAttribute(attribute), isWriteOnly: attribute.writeOnly ?? false }] as const,
  );
  return { kind: "object", members: new Map(members) };
}

function shapeOfAttribute(attribute: Attribute): Shape {
  if (attribute.nested) {
    const object = shapeOfAttributes(attribute.nested.attributes);
    return attribute.nested.nesting === "single" ? object : { kind: attribute.nested.nesting, element: object };
  }
  if (attribute.type) return shapeOfType(attribute.type);
  throw new TypeError("an attribute of a schema has neither a type nor nested attributes");
}

function shapeOfType(type: ValueType): Shape {
  if (typeof type === "string") return { kind: type };
  if ("list" in type) return { kind: "list", element: shapeOfType(type.list) };
  if ("set" in type) return { kind: "set", element: shapeOfType(type.set) };
  if ("map" in type) return { kind: "map", element: shapeOfType(type.map) };
  const members = Object.entries(type.object).map(
    ([name, member]) => [name, { shape: shapeOfType(member), isWriteOnly: false }] as const,
  );
  return { kind: "object", members: new Map(members) };
}
