import { Op, Token } from "cdktf";
import type { GridError } from "../core/errors";
import { badValue } from "./private/problems";

/**
 * An amount of memory or storage, in binary units. It takes numbers that Terraform will only know later, too.
 *
 * @example
 * Size.gib(10)
 * Size.mib(512)
 */
export class Size {
  readonly #amount: number;
  readonly #mibPerUnit: number;

  private constructor(amount: number, mibPerUnit: number) {
    if (!Token.isUnresolved(amount) && !(Number.isFinite(amount) && amount > 0)) throw noSize(amount);
    this.#amount = amount;
    this.#mibPerUnit = mibPerUnit;
  }

  /** An amount in MiB (1024 × 1024 bytes). @throws {GridError} TFG_BAD_VALUE unless it is above zero */
  static mib(amount: number): Size {
    return new Size(amount, 1);
  }

  /** An amount in GiB. @throws {GridError} TFG_BAD_VALUE unless it is above zero */
  static gib(amount: number): Size {
    return new Size(amount, 1024);
  }

  /** An amount in TiB. @throws {GridError} TFG_BAD_VALUE unless it is above zero */
  static tib(amount: number): Size {
    return new Size(amount, 1024 ** 2);
  }

  /** The amount in MiB; a fraction where the unit does not fit. */
  toMib(): number {
    return this.#in(1);
  }

  /** The amount in GiB; a fraction where the unit does not fit. */
  toGib(): number {
    return this.#in(1024);
  }

  #in(mibPerUnit: number): number {
    const factor = this.#mibPerUnit / mibPerUnit;
    if (!Token.isUnresolved(this.#amount)) return this.#amount * factor;
    return factor === 1 ? this.#amount : Token.asNumber(Op.mul(this.#amount, factor));
  }
}

function noSize(given: unknown): GridError {
  const remedy = "give a number and choose the unit by the method: Size.gib(10), Size.mib(512).";
  const shown = typeof given === "string" ? JSON.stringify(given) : String(given);
  return badValue({ attribute: ["A Size"], what: `cannot be made of ${shown}`, allowed: "a number above 0", remedy });
}
