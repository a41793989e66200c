import type { WireFaults } from "../wire/message-fates";

/** Parameters that are chances. */
const CHANCES = ["loss", "duplicate", "reorder", "disconnect", "refuse"] as const;

/** Parameters that are whole numbers from 0 on. */
const NUMBERS = ["seed", "delayMs", "jitterMs"] as const;

/** Reads faults of a wire from outside. @throws when one of them is out of its range, or nothing that a wire has */
export function readWireFaults(given: Readonly<Record<string, unknown>>): WireFaults {
  const names: readonly string[] = [...CHANCES, ...NUMBERS];
  const strange = Object.keys(given).find((name) => !names.includes(name));
  if (strange !== undefined) throw new Error(`faults.${strange} is none of ${names.join(", ")}`);
  return {
    ...read(given, CHANCES, (value) => value >= 0 && value <= 1, "a number from 0 to 1"),
    ...read(given, NUMBERS, (value) => Number.isInteger(value) && value >= 0, "a whole number from 0 on"),
  };
}

function read(
  given: Readonly<Record<string, unknown>>,
  names: readonly string[],
  isAllowed: (value: number) => boolean,
  allowed: string,
): Record<string, number> {
  const present = names.filter((name) => given[name] !== undefined);
  return Object.fromEntries(
    present.map((name) => {
      const value = given[name];
      if (typeof value !== "number" || !isAllowed(value)) throw new Error(`faults.${name} must be ${allowed}`);
      return [name, value];
    }),
  );
}
