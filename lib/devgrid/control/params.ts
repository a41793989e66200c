/** Reads the parameters of a control call by position; every refusal names the parameter and what it allows. */
export class Params {
  readonly #values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  /** A number of the given least value. */
  number(position: number, name: string, least = 0, fallback?: number): number {
    const value = this.#at(position, fallback);
    if (typeof value === "number" && Number.isFinite(value) && value >= least) return value;
    throw refused(name, value, `a number from ${least}`);
  }

  /** The number of a node, a contract or a twin. */
  id(position: number, name: string): number {
    const value = this.#at(position);
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
    throw refused(name, value, "a whole number from 1");
  }

  /** True or false. */
  flag(position: number, name: string, fallback?: boolean): boolean {
    const value = this.#at(position, fallback);
    if (typeof value === "boolean") return value;
    throw refused(name, value, "true or false");
  }

  /** One of the given words. */
  word<T extends string>(position: number, name: string, allowed: readonly T[]): T {
    const value = this.#at(position);
    const word = allowed.find((candidate) => candidate === value);
    if (word === undefined) throw refused(name, value, allowed.map((one) => `"${one}"`).join(", "));
    return word;
  }

  /** All parameters as words. */
  words<T extends string>(name: string, allowed: readonly T[]): T[] {
    return this.#values.map((_value, position) => this.word(position, name, allowed));
  }

  /** A text that is not empty. */
  text(position: number, name: string): string {
    const value = this.#at(position);
    if (typeof value === "string" && value !== "") return value;
    throw refused(name, value, "a text");
  }

  /** A text, be it empty. */
  string(position: number, name: string): string {
    const value = this.#at(position);
    if (typeof value === "string") return value;
    throw refused(name, value, "a text");
  }

  /** A list of texts. */
  texts(position: number, name: string): string[] {
    const value = this.#at(position);
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    throw refused(name, value, "a list of texts");
  }

  /** An object, whose members are for the reader to check. */
  object(position: number, name: string): Readonly<Record<string, unknown>> {
    const value = this.#at(position);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw refused(name, value, "an object");
  }

  /** True when there is a number at that place. */
  isNumber(position: number): boolean {
    return typeof this.#values[position] === "number";
  }

  /** True when there is a parameter at that place. */
  has(position: number): boolean {
    return this.#values[position] !== undefined && this.#values[position] !== null;
  }

  #at(position: number, fallback?: unknown): unknown {
    return this.has(position) ? this.#values[position] : fallback;
  }
}

function refused(name: string, value: unknown, allowed: string): Error {
  return new Error(`${name} is ${JSON.stringify(value) ?? "missing"}; allowed: ${allowed}`);
}
