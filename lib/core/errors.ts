/**
 * The one error class of this package. It carries facts rather than prose, so that a terminal, a Terraform diagnostic
 * and `--json` can each show it well, and so that retries are decided by `code`, never by matching text.
 */
import { join } from "node:path";

/** Named facts shown one per line under the summary. Never a secret. */
export type Facts = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/** Where in the configuration the blame lies, from the root of the block: `["disks", 0, "size_gib"]`. */
export type AttributePath = readonly (string | number)[];

/** What an error is built from. */
export interface GridErrorInit {
  /** Stable identifier with an anchor in docs/errors.md, `TFG_` and upper case. */
  readonly code: `TFG_${string}`;
  /** One short sentence: what happened, and to what. */
  readonly summary: string;
  /** The values that matter: what was given, what was answered. */
  readonly facts?: Facts;
  /** What the world looks like now, above all whether something still costs money. */
  readonly standing?: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The attribute to blame, when one is. */
  readonly attribute?: AttributePath;
  /** Whether the same call may succeed later without any change by the user. @default false */
  readonly retryable?: boolean;
  /** The root cause. */
  readonly cause?: unknown;
}

/**
 * An error that says what happened, where, what is running or billing now, and what to do. All of it is in the message;
 * printed uncaught it shows that, and the lines of the user's program that led there.
 */
export class GridError extends Error {
  /** Stable identifier, see docs/errors.md. */
  readonly code: GridErrorInit["code"];
  /** One short sentence. */
  readonly summary: string;
  /** The values that matter. */
  readonly facts: Facts;
  /** What the world looks like now. */
  readonly standing: string | undefined;
  /** What to do about it. */
  readonly remedy: string;
  /** The attribute to blame, when one is. */
  readonly attribute: AttributePath | undefined;
  /** Whether trying again later may help. */
  readonly retryable: boolean;

  constructor(init: GridErrorInit) {
    super(init.summary, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = "GridError";
    this.code = init.code;
    this.summary = init.summary;
    this.facts = init.facts ?? {};
    this.standing = init.standing;
    this.remedy = init.remedy;
    this.attribute = init.attribute;
    this.retryable = init.retryable ?? false;
    this.message = `${this.summary}\n${this.detail()}`;
    this.stack = [`${this.name}: ${this.message}`, ...userFrames(this.stack)].join("\n");
    // Whoever prints an error with its fields would show everything a second time.
    for (const name of Object.keys(this)) Object.defineProperty(this, name, { enumerable: false });
  }

  /** The same error with something changed. */
  with(change: Partial<GridErrorInit>): GridError {
    const { code, summary, facts, standing, remedy, attribute, retryable, cause } = this;
    return new GridError({ code, summary, facts, standing, remedy, attribute, retryable, cause, ...change });
  }

  /** Everything under the summary: facts, standing, remedy and the code, ready for a terminal. */
  detail(): string {
    const shown = Object.entries(this.facts).filter(([, value]) => value !== undefined);
    const width = Math.max(0, ...shown.map(([name]) => name.length));
    const lines = shown.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
    if (this.standing) lines.push(this.standing);
    lines.push(`Fix: ${this.remedy} [${this.code}]`);
    return lines.join("\n");
  }
}

/** True for errors of this package that carry the given code. */
export function hasCode(error: unknown, code: `TFG_${string}`): error is GridError {
  return error instanceof GridError && error.code === code;
}

/** Quotes an unexpected reply for an error message, trimmed to 200 characters. */
export function quote(reply: unknown): string {
  const text = typeof reply === "string" ? reply : String(JSON.stringify(reply));
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

/** The text of anything that was thrown, without a stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Directory of this package's own code. */
const PACKAGE = join(__dirname, "..");

/** The lines of a stack in the user's program; all of them when it is not in there. */
function userFrames(stack = ""): readonly string[] {
  const frames = stack.split("\n").filter((line) => /^ +at /.test(line));
  const own = frames.filter((line) => !/node:internal|[\\/]node_modules[\\/]/.test(line) && !line.includes(PACKAGE));
  return own.length > 0 ? own : frames;
}
