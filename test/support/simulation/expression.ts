import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "../../../lib/provider/schema/value";

/** `${type.name.path}`, alone in a text: the only kind of reference that test configurations make. */
const REFERENCE = /^\$\{((?:data\.)?\w+\.\w+)((?:\.\w+|\["[^"]+"\])*)\}$/;

/** Addresses that a block refers to. */
export function referencesOf(block: unknown): string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    const address = typeof value === "string" ? REFERENCE.exec(value)?.[1] : undefined;
    if (address) found.add(address);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(look);
  };
  look(block);
  return [...found];
}

/** A block with every reference replaced by what it leads to. */
export function evaluate(block: unknown, objects: (address: string) => ObjectValue | undefined): Value {
  if (typeof block === "string") {
    const [, address, path = ""] = REFERENCE.exec(block) ?? [];
    return address === undefined ? block : follow(objects(address), path);
  }
  if (Array.isArray(block)) return block.map((item) => evaluate(item, objects));
  if (typeof block !== "object" || block === null) return block as Value;
  return Object.fromEntries(Object.entries(block).map(([name, item]) => [name, evaluate(item, objects)]));
}

function follow(object: ObjectValue | undefined, path: string): Value {
  let value: Value = object ?? UNKNOWN;
  for (const [, name, key] of path.matchAll(/\.(\w+)|\["([^"]+)"\]/g)) {
    if (value === UNKNOWN) return UNKNOWN;
    const member = name ?? key ?? "";
    if (!isObjectValue(value) || !(member in value)) throw new Error(`there is no ${member} in ${path}`);
    value = value[member] ?? null;
  }
  return value;
}
