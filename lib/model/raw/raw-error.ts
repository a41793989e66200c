import { GridError } from "../../core/errors";

/** What is wrong with workloads written as JSON, and where. */
export interface RawFault {
  /** Where inside the JSON: `workloads[1].data.size`. */
  readonly place: string;
  /** What is wrong there, as the end of a sentence that begins with the place. Never a value: it may be a secret. */
  readonly problem: string;
  /** What would be right. */
  readonly allowed?: string;
  /** What to do about it. */
  readonly remedy: string;
}

/**
 * Workloads written as JSON that no node would take, or that cannot be managed. Found before anything is started. No attribute is
 * blamed: Terraform would quote its line, which may hold a secret.
 */
export function badWorkloads({ place, problem, allowed, remedy }: RawFault): GridError {
  return new GridError({
    code: "TFG_BAD_WORKLOADS",
    summary: `${place} ${problem}.`,
    facts: { allowed },
    standing: "Nothing was started.",
    remedy,
  });
}
