import { inspect } from "node:util";

/** A value that must never be printed: string conversion, JSON and `console.log` all show `***`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it only where the bytes are used. */
  reveal(): string {
    return this.#value;
  }

  /** Always `***`. */
  toString(): string {
    return "***";
  }

  /** Always `***`. */
  toJSON(): string {
    return "***";
  }

  /** Always `***`. */
  [inspect.custom](): string {
    return "***";
  }
}
