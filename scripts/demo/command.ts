import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** How a command is run. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Gets everything the command says. */
  readonly logFile: string;
  /** Called with each line as it comes, without colours. */
  readonly onLine: (line: string) => void;
  /** Ends it as Ctrl-C would. */
  readonly stop: AbortSignal;
}

/** A command that did not succeed, and the end of what it said. */
export class CommandFailed extends Error {
  constructor(command: string, outcome: string, said: string) {
    super(`${command} ${outcome}. The end of what it said:\n\n${indent(tail(said))}`);
  }
}

/** The cdktf command line of this checkout. */
export const CDKTF = require.resolve("cdktf-cli/bundle/bin/cdktf");

const DEADLINE_MS = 600_000;
const TAIL_LINES = 30;

/** Runs a command to its end and gives what it said. @throws {CommandFailed} */
export async function runCommand(command: readonly string[], options: CommandOptions): Promise<string> {
  const [file = "", ...args] = command;
  const { cwd, env, logFile, onLine, stop } = options;
  stop.throwIfAborted();
  const title = command
    .slice(-3)
    .join(" ")
    .replace(/^.*[/\\]/, "");
  appendFileSync(logFile, `$ ${title}\n`);
  // In a group of its own: a Ctrl-C in the terminal reaches it through `stop`, and so once only.
  const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const interrupt = () => signalGroup(child, "SIGINT");
  stop.addEventListener("abort", interrupt, { once: true });
  const deadline = setTimeout(() => signalGroup(child, "SIGKILL"), DEADLINE_MS);
  let said = "";
  let rest = "";
  const hear = (chunk: string) => {
    appendFileSync(logFile, chunk);
    const text = stripVTControlCharacters(chunk);
    said += text;
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.trim());
  };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  const outcome = await new Promise<string | undefined>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done(code === 0 ? undefined : `ended with ${signal ?? `exit code ${code}`}`));
  });
  clearTimeout(deadline);
  stop.removeEventListener("abort", interrupt);
  stop.throwIfAborted();
  if (outcome !== undefined) throw new CommandFailed(title, outcome, said);
  return said;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal);
}

function tail(text: string): string {
  return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
