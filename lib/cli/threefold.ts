#!/usr/bin/env node
/**
 * The `threefold` command. Subcommands are loaded only when asked for, so that `--help` costs nothing.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { closestName } from "../core/closest-name";
import { messageOf } from "../core/errors";
import { type Command, type Terminal, UsageError } from "./command";

/** A row of the table of subcommands. */
interface CommandEntry {
  /** One line for `threefold --help`. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  deploy: {
    summary: "cdktf deploy with many objects at a time instead of ten",
    load: async () => (await import("./cdktf-command")).cdktfCommand("deploy"),
  },
  diff: {
    summary: "cdktf diff, likewise",
    load: async () => (await import("./cdktf-command")).cdktfCommand("diff"),
  },
  destroy: {
    summary: "cdktf destroy, likewise",
    load: async () => (await import("./cdktf-command")).cdktfCommand("destroy"),
  },
  access: {
    summary: "print the WireGuard configuration of a user's access point to a mesh",
    load: async () => (await import("./access-command")).accessCommand,
  },
  kubeconfig: {
    summary: "print a kubeconfig for a cluster, without SSH",
    load: async () => (await import("./kubeconfig-command")).kubeconfigCommand,
  },
  devgrid: {
    summary: "run the whole grid on this machine: no account, no cost",
    load: async () => (await import("./devgrid-command")).devgridCommand,
  },
};

/** Runs one command line and gives the exit code. */
export async function runThreefold(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--version" || name === "-V") return showVersion(terminal);
  if (name === undefined || name === "help" || name.startsWith("-")) return showHelp(name, terminal);
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) {
    const meant = closestName(name, Object.keys(COMMANDS));
    terminal.err(`threefold: unknown command "${name}".${meant ? ` Did you mean "${meant}"?` : ""}\n`);
    terminal.err("Run threefold --help for the list of commands.\n");
    return 2;
  }
  const command = await entry.load();
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.out(`${command.help}\n`);
    return 0;
  }
  return runCommand(name, command, rest, terminal);
}

async function runCommand(
  name: string,
  command: Command,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await command.run(args, terminal);
  } catch (error) {
    terminal.err(`threefold ${name}: ${messageOf(error)}\n`);
    if (!(error instanceof UsageError)) return 1;
    terminal.err(`Run threefold ${name} --help for usage.\n`);
    return 2;
  }
}

/** The package's version; in a checkout that was built, the one of that build. */
function showVersion(terminal: Terminal): number {
  // Installed, the command is beside provider.json in dist/; in a checkout that was not built there is only package.json.
  const files = ["provider.json", "../../package.json"].map((file) => join(__dirname, file));
  const found = files.find((file) => existsSync(file));
  const { version } = JSON.parse(readFileSync(found ?? "", "utf8"));
  terminal.out(`threefold ${version}\n`);
  return 0;
}

function showHelp(asked: string | undefined, terminal: Terminal): number {
  if (asked !== undefined && !["help", "--help", "-h"].includes(asked)) {
    terminal.err(`threefold: unknown option "${asked}". Run threefold --help.\n`);
    return 2;
  }
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  terminal.out(`Usage: threefold <command> [options]\n\nCommands:\n${rows.join("\n")}\n\n`);
  terminal.out("Run threefold <command> --help for options and examples, threefold --version for the version.\n");
  return 0;
}

/**
 * Standard streams, and a signal that aborts at the first SIGINT or SIGTERM; a second one ends the process at once. Both
 * hold until the signals are handed to somebody else.
 */
function processTerminal(): Terminal {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new Error("asked to stop"));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    stop: stop.signal,
    handSignals: (take) => {
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
        process.off(name, onSignal);
        process.on(name, take);
      }
    },
  };
}

if (require.main === module) {
  void runThreefold(process.argv.slice(2), processTerminal()).then((code) => {
    process.exitCode = code;
  });
}
