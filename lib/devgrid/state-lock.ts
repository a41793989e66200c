import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { GridError } from "../core/errors";

/** Locks of this very process: after a restart of a container a dead holder may have had our own process id. */
const heldHere = new Set<string>();

/** Who holds a state file. */
export interface LockHolder {
  /** Process id; undefined when it belongs to another user and the lock cannot be read. */
  readonly pid: number | undefined;
  /** What the holder announced, JSON; undefined while it is still starting. */
  readonly announcement: unknown;
}

/**
 * The right to use a state file: a file beside it, `<state>.lock`, with the process id of the holder and, once that one
 * is ready, where its services are. So the lock is also how others on this machine find a running devgrid.
 */
export class StateLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Takes the lock. @throws {GridError} TFG_DEVGRID_BUSY while another live process, or this one, holds it */
  static take(stateFile: string): StateLock {
    const path = lockPath(stateFile);
    mkdirSync(dirname(path), { recursive: true });
    for (let attempt = 0; attempt < 3; attempt++) {
      if (create(path)) {
        heldHere.add(path);
        return new StateLock(path);
      }
      const holder = StateLock.holder(stateFile);
      if (holder) throw busyState(stateFile, path, holder.pid);
      rmSync(path, { force: true });
    }
    throw busyState(stateFile, path, undefined);
  }

  /** The live process that uses a state file; undefined when there is none. */
  static holder(stateFile: string): LockHolder | undefined {
    const path = lockPath(stateFile);
    let pid: number | undefined;
    try {
      const [first = "", announcement = ""] = readFileSync(path, "utf8").split("\n");
      pid = Number(first);
      if (!Number.isInteger(pid) || pid < 1) return undefined;
      if (pid !== process.pid) process.kill(pid, 0);
      else if (!heldHere.has(path)) return undefined;
      return { pid, announcement: announcement === "" ? undefined : JSON.parse(announcement) };
    } catch (error) {
      // EPERM, EACCES: it lives, under another user. Anything else: no such process, or the lock vanished meanwhile.
      const { code } = error as NodeJS.ErrnoException;
      return code === "EPERM" || code === "EACCES" ? { pid, announcement: undefined } : undefined;
    }
  }

  /** Tells others on this machine where the services are. */
  announce(description: unknown): void {
    const temporary = `${this.#path}.${process.pid}`;
    writeFileSync(temporary, `${process.pid}\n${JSON.stringify(description)}\n`, { mode: 0o600 });
    renameSync(temporary, this.#path);
  }

  /** Lets go of the state file. */
  release(): void {
    heldHere.delete(this.#path);
    rmSync(this.#path, { force: true });
  }
}

function lockPath(stateFile: string): string {
  return `${resolve(stateFile)}.lock`;
}

/** The lock appears with its content at once, so that nobody reads it half written. */
function create(path: string): boolean {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${process.pid}\n`, { mode: 0o600 });
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function busyState(stateFile: string, lock: string, pid: number | undefined): GridError {
  return new GridError({
    code: "TFG_DEVGRID_BUSY",
    summary: "Another devgrid is using this state file.",
    facts: { file: stateFile, process: pid },
    standing: "No second devgrid was started.",
    remedy: `use the running one, stop it, or give another state file; if that process is no devgrid, remove ${lock}.`,
  });
}
