import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "./value";

/** Reads typed values out of a wholly known block. Asking for an unknown value is a defect, not a user's mistake. */
export class Attributes {
  constructor(private readonly block: ObjectValue) {}

  /** Text; undefined when unset. */
  text(name: string): string | undefined {
    return this.#typed(name, "string", (value) => typeof value === "string");
  }

  /** Text that the schema requires. */
  requireText(name: string): string {
    return required(name, this.text(name));
  }

  /** Number; undefined when unset. */
  number(name: string): number | undefined {
    const value = this.#known(name);
    return typeof value === "bigint" ? Number(value) : this.#typed(name, "number", (v) => typeof v === "number");
  }

  /** Number that the schema requires. */
  requireNumber(name: string): number {
    return required(name, this.number(name));
  }

  /** True only when set to true. */
  flag(name: string): boolean {
    return this.#typed(name, "bool", (value) => typeof value === "boolean") ?? false;
  }

  /** List or set of texts; empty when unset. */
  texts(name: string): string[] {
    return this.#items(name).map((item) => String(item));
  }

  /** List of numbers; empty when unset. */
  numbers(name: string): number[] {
    return this.#items(name).map((item) => Number(item));
  }

  /** Map of texts; empty when unset. */
  textMap(name: string): Record<string, string> {
    return Object.fromEntries(this.#entries(name).map(([key, value]) => [key, String(value)]));
  }

  /** Map of numbers; empty when unset. */
  numberMap(name: string): Record<string, number> {
    return Object.fromEntries(this.#entries(name).map(([key, value]) => [key, Number(value)]));
  }

  /** Nested object; undefined when unset. */
  object(name: string): Attributes | undefined {
    const value = this.#known(name);
    return isObjectValue(value) ? new Attributes(value) : undefined;
  }

  /** Nested object that the schema requires. */
  requireObject(name: string): Attributes {
    return required(name, this.object(name));
  }

  /** Nested list of objects; empty when unset. */
  objects(name: string): Attributes[] {
    return this.#items(name).flatMap((item) => (isObjectValue(item) ? [new Attributes(item)] : []));
  }

  /** Nested map of objects; empty when unset. */
  objectMap(name: string): Map<string, Attributes> {
    return new Map(
      this.#entries(name).flatMap(([key, item]) => (isObjectValue(item) ? [[key, new Attributes(item)]] : [])),
    );
  }

  /** The bare value. */
  value(name: string): Value {
    return this.block[name] ?? null;
  }

  #known(name: string): Value {
    const value = this.block[name] ?? null;
    if (value === UNKNOWN) throw new Error(`attribute ${name} was read while still unknown`);
    return value;
  }

  #typed<T extends Value>(name: string, type: string, is: (value: Value) => boolean): T | undefined {
    const value = this.#known(name);
    if (value === null) return undefined;
    if (!is(value)) throw new Error(`attribute ${name} is no ${type}`);
    return value as T;
  }

  #items(name: string): readonly Value[] {
    const value = this.#known(name);
    return Array.isArray(value) ? value : [];
  }

  #entries(name: string): [string, Value][] {
    const value = this.#known(name);
    return isObjectValue(value) ? Object.entries(value).filter(([, item]) => item !== null) : [];
  }
}

function required<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`attribute ${name} is required and unset`);
  return value;
}
