import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { GridError, messageOf } from "../../core/errors";
import type { Terminal } from "../command";

/** A program to run. */
export interface Program {
  /** Path of an executable file. */
  readonly file: string;
  /** What follows its name on the command line. */
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** What a shell gives for a program that a signal ended, on top of the signal's number. */
const ENDED_BY_SIGNAL = 128;

/**
 * Runs a program as if it had been started in this one's place: with the same terminal, and every signal is its own. Gives
 * its exit code, or the one a shell would give when a signal ended it.
 *
 * @throws {GridError} TFG_NO_CDKTF when it cannot be started
 */
export function runInPlace({ file, args, env }: Program, terminal: Terminal): Promise<number> {
  const child = spawn(file, args, { env, stdio: "inherit" });
  terminal.handSignals((signal) => {
    if (!isFromKeyboard(signal)) child.kill(signal);
  });
  return new Promise((done, failed) => {
    child.once("error", (cause) => failed(notStarted(file, cause)));
    child.once("exit", (code, signal) => done(code ?? ENDED_BY_SIGNAL + (signal ? constants.signals[signal] : 0)));
  });
}

/** Keys reach every program of the terminal: the one in our place has the signal already. */
function isFromKeyboard(signal: NodeJS.Signals): boolean {
  return (signal === "SIGINT" || signal === "SIGQUIT") && hasTerminal();
}

/** Whether keys can reach this process at all, wherever its output goes. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    // Opening it fails for a process without a terminal, and only for that.
    return false;
  }
}

function notStarted(file: string, cause: Error): GridError {
  return new GridError({
    code: "TFG_NO_CDKTF",
    summary: "The cdktf command line cannot be started.",
    facts: { file, "system said": messageOf(cause) },
    standing: "Nothing was started.",
    remedy: "install it anew with `npm install --save-dev cdktf-cli@0.21`.",
    cause,
  });
}
