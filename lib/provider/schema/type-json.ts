import type { ValueType } from "./schema";

/** A type in Terraform's JSON notation: `"string"`, `["list", "string"]`, `["object", { … }]`. */
export type TypeJson = string | readonly [string, TypeJson | Readonly<Record<string, TypeJson>>];

/** Writes a type the way the plugin protocol and `terraform providers schema -json` do. */
export function typeJson(type: ValueType): TypeJson {
  if (typeof type === "string") return type;
  if ("list" in type) return ["list", typeJson(type.list)];
  if ("set" in type) return ["set", typeJson(type.set)];
  if ("map" in type) return ["map", typeJson(type.map)];
  const members = Object.entries(type.object).map(([name, member]) => [name, typeJson(member)] as const);
  return ["object", Object.fromEntries(members)];
}
