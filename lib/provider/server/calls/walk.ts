import { setMaxListeners } from "node:events";
import { type Clock, systemClock } from "../../../core/clock";
import { GridError, messageOf } from "../../../core/errors";
import type { Log } from "../../../core/log";
import type { CallContext } from "../../resource";
import type { Session } from "../../session";
import { ApplyLimit } from "./apply-limit";
import type { Report } from "./report";

/**
 * The session calls run in, and the switch that stops them. Terraform configures a provider once per process, but again
 * for every walk when it is attached to a running one: the newest configuration then replaces the one before.
 */
export class Walk {
  #session: Session | undefined;
  #stop = newStop();
  #applyLimit: ApplyLimit;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #env: NodeJS.ProcessEnv;

  constructor(log: Log, clock: Clock = systemClock, env: NodeJS.ProcessEnv = process.env) {
    this.#log = log;
    this.#clock = clock;
    this.#env = env;
    this.#applyLimit = new ApplyLimit(clock, env);
  }

  /** How many changes Terraform lets run at a time in this walk. */
  get applyLimit(): ApplyLimit {
    return this.#applyLimit;
  }

  /** What a call needs beside its values. @throws {GridError} TFG_NOT_CONFIGURED */
  context(report: Report): CallContext {
    const session = this.#session;
    if (!session) throw notConfigured();
    return {
      session,
      signal: this.#stop.signal,
      warn: (summary, detail, attribute) => report.warn(summary, detail, attribute),
    };
  }

  /** Puts a new session in place and closes the one before. */
  async begin(session: Session): Promise<void> {
    const before = this.#session;
    this.#session = session;
    this.#stop = newStop();
    this.#applyLimit = new ApplyLimit(this.#clock, this.#env);
    await this.#close(before);
  }

  /** Makes running calls give up their waits and return what they know. */
  stop(): void {
    this.#stop.abort(stopped());
  }

  /** Stops running calls and closes the session. */
  async end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.stop();
    await this.#close(session);
  }

  async #close(session: Session | undefined): Promise<void> {
    try {
      await session?.close();
    } catch (error) {
      this.#log("warn", "the session did not close cleanly", { said: messageOf(error) });
    }
  }
}

/** Every wait of every running call listens to the one switch: many listeners are no leak here. */
function newStop(): AbortController {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  return stop;
}

function stopped(): GridError {
  return new GridError({
    code: "TFG_STOPPED",
    summary: "Stopped on request before the work was finished.",
    standing: "What was done so far is in the state, and what has a contract keeps billing.",
    remedy: "run the same command again; it goes on from where this one stopped.",
    retryable: true,
  });
}

function notConfigured(): GridError {
  return new GridError({
    code: "TFG_NOT_CONFIGURED",
    summary: "The provider was asked to work before it was configured.",
    remedy: "make sure that the provider block of this alias exists, then run the command again.",
  });
}
