import type { GridError } from "../../core/errors";
import { isRecord } from "../../core/is-record";
import { badWorkloads } from "./raw-error";
import { referenceIn } from "./raw-secret";

/**
 * Fields that were given and that reading did not take: misspelt ones, which nodes ignore without a word, and ones that
 * this version does not know, which would make a hash that the node does not agree with.
 *
 * @param given JSON as it was written
 * @param read what reading made of it
 */
export function unknownFields(given: unknown, read: unknown, place: string): readonly GridError[] {
  if (referenceIn(given) !== undefined) return [];
  if (Array.isArray(given)) {
    const items: readonly unknown[] = Array.isArray(read) ? read : [];
    return given.flatMap((item, index) => unknownFields(item, items[index], `${place}[${index}]`));
  }
  if (!isRecord(given) || !isRecord(read)) return [];
  // Nodes read keys whatever their case.
  const taken = new Map(Object.entries(read).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === null) return [];
    if (!taken.has(name.toLowerCase())) return [unknownField(`${place}.${name}`, Object.keys(read))];
    return unknownFields(value, taken.get(name.toLowerCase()), `${place}.${name}`);
  });
}

function unknownField(place: string, known: readonly string[]): GridError {
  return badWorkloads({
    place,
    problem: "is not known to the grid",
    allowed: known.length > 0 ? known.join(", ") : undefined,
    remedy: "correct its name, or leave it out: a node would ignore it.",
  });
}
