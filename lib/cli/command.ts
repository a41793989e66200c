/** Where a command writes and what may stop it; tests give their own. */
export interface Terminal {
  /** Standard output: results. */
  out(text: string): void;
  /** Standard error: progress and problems. */
  err(text: string): void;
  /** Aborts when the user or the system asks the process to end. */
  readonly stop: AbortSignal;
  /** Gives signals to somebody else from now on: `stop` aborts no more, and the process does not end by itself. */
  handSignals(take: (signal: NodeJS.Signals) => void): void;
}

/** A subcommand of `threefold`. */
export interface Command {
  /** Shown by `--help`: usage, options with defaults, examples. */
  readonly help: string;
  /** Does the work and gives the exit code: 0 done, 1 failed, 2 wrong usage. Throws UsageError for the last. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** A command line that cannot be understood. The message says which part and what is allowed. */
export class UsageError extends Error {}
