import { isDeepStrictEqual } from "node:util";
import type { CaseResult } from "./case-result";

/** One JSON object of a vector file, read with checks: a value of another type is a difference, not a crash. */
export class VectorEntry {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not a JSON object");
    this.#fields = Object.fromEntries(Object.entries(value));
  }

  /** The value as it is; undefined when absent or null, which mean the same in these files. */
  raw(name: string): unknown {
    return this.#fields[name] ?? undefined;
  }

  text(name: string): string {
    return this.#typed(name, "string", (value): value is string => typeof value === "string");
  }

  number(name: string): number {
    return this.#typed(name, "number", (value): value is number => typeof value === "number");
  }

  flag(name: string): boolean {
    return this.#typed(name, "boolean", (value): value is boolean => typeof value === "boolean");
  }

  entry(name: string): VectorEntry {
    return new VectorEntry(this.#fields[name]);
  }

  /** Lower-case hex as bytes. */
  bytes(name: string): Buffer {
    const text = this.text(name);
    if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error(`${name} is not lower-case hex`);
    return Buffer.from(text, "hex");
  }

  #typed<T>(name: string, type: string, is: (value: unknown) => value is T): T {
    const value = this.#fields[name];
    if (is(value)) return value;
    throw new Error(`${name} is ${JSON.stringify(value)}, not a ${type}`);
  }
}

/** Throws unless both are deeply equal, showing both. */
export function expectSame(what: string, found: unknown, listed: unknown): void {
  if (isDeepStrictEqual(found, listed)) return;
  throw new Error(`${what}: computed ${JSON.stringify(found)}, listed ${JSON.stringify(listed)}`);
}

/** Runs one check: what it throws is the difference found. */
export function checkCase(name: string, check: () => void): CaseResult {
  try {
    check();
    return { name };
  } catch (error) {
    return { name, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Checks every element of a section that is a list. A section of another form is one failed case. */
export function checkList(section: string, value: unknown, check: (entry: VectorEntry) => void): CaseResult[] {
  if (!Array.isArray(value)) return [{ name: section, error: "not a list" }];
  return value.map((element, index) => {
    const label = labelOf(element);
    return checkCase(`${section} ${index}${label ? `: ${label}` : ""}`, () => check(new VectorEntry(element)));
  });
}

function labelOf(element: unknown): string | undefined {
  if (typeof element !== "object" || element === null) return undefined;
  const known: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(element));
  const label = known.label ?? known.name ?? known.note ?? known.identity;
  return typeof label === "string" ? label : undefined;
}
