import { type AttributePath, GridError } from "./errors";

/** Why a value is refused. */
export interface Refusal {
  /** The value as the user wrote it; left out when it is long, or no text to repeat. */
  readonly given?: string | number | boolean | bigint;
  /**
   * Whether the value may be a secret, put where it does not belong. Terraform quotes the line of a blamed attribute, so it
   * is told of none. @default false
   */
  readonly isSecret?: boolean;
  /** What is wrong, after the attribute's name: `is undefined`. @default that it cannot be what was given */
  readonly what?: string;
  /** What would be right. */
  readonly allowed: string;
  /** What to do, when it is more than writing an allowed value. */
  readonly remedy?: string;
}

/** What is wrong with one value, and where. */
export interface Problem extends Refusal {
  /** Where, in the user's words: from the root of the block or of the properties. */
  readonly attribute: AttributePath;
}

/** A value that the grid does not allow. Found before anything is started. */
export function badValue({ attribute, given, isSecret, what, allowed, remedy }: Problem): GridError {
  const name = attribute
    .map((step) => (typeof step === "number" ? `[${step}]` : step))
    .join(".")
    .replaceAll(".[", "[");
  const shown = typeof given === "string" ? JSON.stringify(given.slice(0, 100)) : given;
  const problem = what ?? (given === undefined ? "is not allowed" : `cannot be ${shown}`);
  return new GridError({
    code: "TFG_BAD_VALUE",
    summary: `${name} ${problem}.`,
    facts: { given: shown, allowed },
    standing: "Nothing was started.",
    remedy: remedy ?? `set ${name} to ${allowed}.`,
    attribute: isSecret ? undefined : attribute,
  });
}
