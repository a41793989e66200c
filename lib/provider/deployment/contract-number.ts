import type { Value } from "../schema/value";

/** Number of a contract as state keeps it, as text; undefined while there is none, or none is known. */
export function contractNumber(value: Value | undefined): number | undefined {
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
