import { parse } from "lossless-json";
import { parseNumber, ValueMisfit } from "./read-value";

/** Parses JSON without rounding numbers: whole ones a double cannot hold become bigint. @throws {ValueMisfit} */
export function parseLossless(text: string): unknown {
  try {
    return parse(text, undefined, { parseNumber: (digits) => parseNumber(digits) ?? Number(digits) });
  } catch {
    // The parser's own message quotes the text around the fault, which may be a secret.
    throw new ValueMisfit([], "is not valid JSON");
  }
}
