/** The verdict on one known answer: no `error` means that it was reproduced. */
export interface CaseResult {
  /** Which known answer, as its file names it. */
  readonly name: string;
  /** What differed; absent when nothing did. */
  readonly error?: string;
}
