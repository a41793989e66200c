import { readFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { GridError, messageOf } from "../core/errors";
import type { Log } from "../core/log";

/** Changes are gathered this long before they are written, and longer when writing takes its time. */
const SETTLE_MS = 100;
const MAX_SETTLE_MS = 5_000;
const SHARE_OF_WRITING = 10;

/** How a state file is used. */
export interface StateFileOptions {
  /** Its folder exists. */
  readonly path: string;
  /** Gives what is to be written, ready for JSON. */
  readonly snapshot: () => unknown;
  /** Where a write that failed in the background is told. */
  readonly log: Log;
}

/**
 * The one file in which a devgrid survives its process. Each write replaces the whole file or leaves the former one: new
 * file, flushed to the disk, renamed. Take its {@link StateLock} first.
 */
export class StateFile {
  readonly #options: StateFileOptions;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #lastWriteMs = 0;
  #isClosed = false;

  constructor(options: StateFileOptions) {
    this.#options = options;
  }

  /** Something changed: written soon, together with what follows shortly. */
  touch(): void {
    if (this.#isClosed) return;
    const pause = Math.min(Math.max(SETTLE_MS, SHARE_OF_WRITING * this.#lastWriteMs), MAX_SETTLE_MS);
    this.#timer ??= setTimeout(() => {
      this.flush().catch((error) => {
        this.#options.log("error", "state cannot be written", { file: this.#options.path, reason: messageOf(error) });
      });
    }, pause);
  }

  /** Writes now, after a write that is under way. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const next = this.#writing.then(() => this.#write());
    // A failed write must not stop the next one.
    this.#writing = next.catch(() => undefined);
    await next;
  }

  /** Writes the last state; what changes later is not written. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.flush();
  }

  async #write(): Promise<void> {
    const { path, snapshot } = this.#options;
    const begun = performance.now();
    const text = `${JSON.stringify(snapshot())}\n`;
    const temporary = `${path}.tmp`;
    // Only the owner may read it: it holds the accounts of the grid.
    const file = await open(temporary, "w", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path).catch(async (error) => {
      await rm(temporary, { force: true });
      throw error;
    });
    this.#lastWriteMs = performance.now() - begun;
  }
}

/** What a file holds; undefined when there is none yet. @throws {GridError} TFG_DEVGRID_STATE when it cannot be read */
export function readStateFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw brokenState(path, messageOf(error), error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw brokenState(path, "it is no JSON", error);
  }
}

/** The file cannot be continued from. */
export function brokenState(path: string, reason: string, cause?: unknown): GridError {
  return new GridError({
    code: "TFG_DEVGRID_STATE",
    summary: "The state file of the devgrid cannot be used.",
    facts: { file: path, reason },
    standing: "No devgrid was started, and the file was left as it is.",
    remedy:
      "give another file, or move this one away to start a fresh grid; what was deployed on the old one is lost then.",
    cause,
  });
}
