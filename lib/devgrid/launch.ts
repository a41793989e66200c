import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { poll } from "../core/backoff";
import { systemClock } from "../core/clock";
import { GridError, messageOf } from "../core/errors";
import { Secret } from "../core/secret";
import type { GridEndpoints } from "../model/grid-network";
import { StateLock } from "./state-lock";

/** A devgrid of this machine that is ready. */
export interface RunningDevgrid {
  /** Where its services are. */
  readonly endpoints: GridEndpoints;
  /** Its funded account. */
  readonly mnemonic: Secret;
}

/** How the devgrid of this user is found or started. */
export interface LaunchOptions {
  /** Holds state, lock and log. @default THREEFOLD_DEVGRID_HOME, or `.threefold/devgrid` in the home directory */
  readonly folder?: string;
  /** A started one ends when nothing was asked for so long. @default 30 */
  readonly idleMinutes?: number;
  /** Seconds between blocks or `instant`. @default THREEFOLD_DEVGRID_BLOCK_TIME, or 1: quick, and still like a chain */
  readonly blockTime?: string;
}

/** Where the controls of the devgrid of this user are; undefined while it does not run. */
export function runningControl(): string | undefined {
  const announcement = StateLock.holder(
    join(homeFolder(process.env.THREEFOLD_DEVGRID_HOME), "state.json"),
  )?.announcement;
  if (typeof announcement !== "object" || announcement === null) return undefined;
  const { control } = announcement as Record<string, unknown>;
  return typeof control === "string" ? control : undefined;
}

const START_MS = 30_000;

/**
 * The one devgrid that all stacks of this user share: found through the lock of its state file, or started as a process
 * of its own that outlives this one and ends itself when idle. Several processes may ask at the same time.
 *
 * @throws {GridError} TFG_DEVGRID_HOME when its directory cannot be used, TFG_DEVGRID_START when it does not come up
 */
export async function findOrStart(options: LaunchOptions = {}): Promise<RunningDevgrid> {
  const folder = options.folder ?? homeFolder(process.env.THREEFOLD_DEVGRID_HOME);
  prepare(folder);
  const stateFile = join(folder, "state.json");
  let child: ChildProcess | undefined;
  return poll(
    { clock: systemClock, firstMs: 20, maxMs: 250, deadlineMs: START_MS, onTimeout: () => notStarted(folder) },
    async () => {
      const holder = StateLock.holder(stateFile);
      if (holder) {
        // Another one was faster. Left alone, ours would take the state over, unasked, should that one end just now.
        if (child && child.pid !== holder.pid) {
          child.kill();
          child = undefined;
        }
        return readAnnouncement(holder.announcement);
      }
      // Gone without having got the lock: another one was faster and has ended since, or it failed.
      if (child && child.exitCode !== null) throw notStarted(folder);
      child ??= start(folder, stateFile, options);
      return undefined;
    },
  );
}

/** Where the devgrid of this user lives. A variable that is empty counts as unset. */
function homeFolder(given: string | undefined): string {
  if (!given) return join(homedir(), ".threefold", "devgrid");
  // Terraform runs in the stack's own directory: from there a relative path would be a grid for each stack.
  if (!isAbsolute(given)) throw unusable(given, "it is a relative path");
  return given;
}

/** Makes the directory, and finds out here whether it can be used: not in the middle of a start. */
function prepare(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(folder, messageOf(error));
  }
}

function unusable(folder: string, reason: string): GridError {
  return new GridError({
    code: "TFG_DEVGRID_HOME",
    summary: "The directory of the embedded grid cannot be used.",
    facts: { directory: folder, reason },
    standing: "Nothing was started.",
    remedy: "set THREEFOLD_DEVGRID_HOME to the absolute path of a directory that you may write to.",
  });
}

/** The new process is in a session of its own: Ctrl-C on a deployment does not end the grid. */
function start(folder: string, stateFile: string, options: LaunchOptions): ChildProcess {
  const log = openSync(join(folder, "devgrid.log"), "w", 0o600);
  const blockTime = options.blockTime ?? process.env.THREEFOLD_DEVGRID_BLOCK_TIME ?? "1";
  const args = ["devgrid", "--json", "--state", stateFile, "--block-time", blockTime];
  const { file, env } = command(folder);
  const child = spawn(process.execPath, [...file, ...args, "--idle-exit", String(options.idleMinutes ?? 30)], {
    cwd: folder,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", "ignore", log],
  });
  child.unref();
  return child;
}

/**
 * How this very package is run as the `threefold` command: bundled, or from its sources. The bundle is run from a copy:
 * the provider that starts it lies in a stack's output, which the next synth may replace while the grid still runs.
 */
function command(folder: string): { readonly file: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const bundled = join(__dirname, "threefold.cjs");
  if (existsSync(bundled)) {
    const program = join(folder, "program");
    rmSync(program, { recursive: true, force: true });
    cpSync(__dirname, program, { recursive: true });
    return { file: [join(program, "threefold.cjs")], env: {} };
  }
  const root = join(__dirname, "..", "..");
  const sources = join(root, "lib", "cli", "threefold.ts");
  if (existsSync(sources)) {
    const file = ["-r", require.resolve("ts-node/register"), sources];
    return { file, env: { TS_NODE_PROJECT: join(root, "tsconfig.json") } };
  }
  throw new GridError({
    code: "TFG_DEVGRID_START",
    summary: "The embedded grid cannot be started from here.",
    facts: { missing: bundled },
    standing: "Nothing was started.",
    remedy: "start it by hand: npx threefold devgrid, and give its URLs in the provider block.",
  });
}

/** Undefined while the holder is still starting. */
function readAnnouncement(announcement: unknown): RunningDevgrid | undefined {
  if (typeof announcement !== "object" || announcement === null) return undefined;
  const { chain, relay, directory, dns, mnemonic } = announcement as Record<string, unknown>;
  if (typeof chain !== "string" || typeof relay !== "string" || typeof directory !== "string") return undefined;
  if (typeof mnemonic !== "string") return undefined;
  // A grid that an earlier release started has no DNS of its own.
  const servers = typeof dns === "string" ? { dns: [dns] } : {};
  const endpoints = { chain: [chain], relay: [relay], directory: [directory], ...servers };
  return { endpoints, mnemonic: new Secret(mnemonic) };
}

function notStarted(folder: string): GridError {
  const log = join(folder, "devgrid.log");
  const said = existsSync(log) ? readFileSync(log, "utf8").trim().slice(-600) : "";
  return new GridError({
    code: "TFG_DEVGRID_START",
    summary: "The embedded grid did not start.",
    facts: { log, "it said": said || "nothing" },
    standing: "Nothing was deployed.",
    remedy: "see what it said; threefold devgrid starts it by hand and shows more.",
  });
}
