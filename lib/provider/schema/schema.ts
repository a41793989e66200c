/**
 * One description per resource. It is data: the plugin schema, the generated L1 bindings, the reference docs and the
 * checks on configuration all come from it, so that they cannot drift apart.
 */

/** A value's type in Terraform's own terms. */
export type ValueType =
  | "string"
  | "number"
  | "bool"
  | { readonly list: ValueType }
  | { readonly set: ValueType }
  | { readonly map: ValueType }
  | { readonly object: Readonly<Record<string, ValueType>> };

/** Nested attributes and how many of them there are. */
export interface NestedType {
  /** One object, a list, a set, or a map of objects. */
  readonly nesting: "single" | "list" | "set" | "map";
  /** Attributes of each object. */
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** One attribute: what it is, who sets it, and how a change of it is carried out. */
export interface Attribute {
  /** Exactly one of `type` and `nested`. */
  readonly type?: ValueType;
  /** Exactly one of `type` and `nested`. */
  readonly nested?: NestedType;
  /** What it is for, units, range, what happens when left out. Markdown. */
  readonly description: string;
  /** The user must give it. */
  readonly required?: boolean;
  /** The user may give it. */
  readonly optional?: boolean;
  /** The provider sets it (when the user did not). */
  readonly computed?: boolean;
  /** Hidden in what Terraform prints; still clear text in state. */
  readonly sensitive?: boolean;
  /** Only ever in configuration: neither in plan nor in state. */
  readonly writeOnly?: boolean;
}

/** A resource's, data source's or the provider's own description. */
export interface BlockSchema {
  /** Raised when a stored shape changes; older states are then upgraded. */
  readonly version: number;
  /** What it is for. Markdown. */
  readonly description: string;
  /** Attributes by name. */
  readonly attributes: Readonly<Record<string, Attribute>>;
}
