import { setMaxListeners } from "node:events";
import { withDeadline } from "../../core/backoff";
import type { Clock } from "../../core/clock";
import { GridError, hasCode, messageOf } from "../../core/errors";
import type { Log } from "../../core/log";
import { ChainSession, EndpointBehind, withoutCredentials } from "./chain-session";
import {
  chainAnswerUnusable,
  chainClosed,
  chainTimeout,
  chainUnreachable,
  type EndpointFailure,
} from "./connection-errors";
import type { ChainTiming } from "./timing";

/** What the connection is made of. */
export interface ConnectionOptions {
  /** Endpoints of one chain, best first. */
  readonly urls: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly timing: ChainTiming;
}

/** Quarters of a block for which endpoints that are behind are given time to catch up. */
const MAX_WAITS = 12;

/** Sessions a question may use up before its failure is believed. */
const MAX_SESSIONS_PER_ASK = 4;

/**
 * Always one good session to one of several endpoints. A session that is lost or falls behind is replaced by the next
 * endpoint's, and a question that lost its session is asked again.
 */
export class ChainConnection {
  readonly #options: ConnectionOptions;
  readonly #closed = new AbortController();
  #session: ChainSession | undefined;
  #opening: Promise<ChainSession> | undefined;
  #nextUrl = 0;
  #genesisHash: string | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    // Every extrinsic on its way waits on it.
    setMaxListeners(0, this.#closed.signal);
  }

  /** Aborts when the connection is closed for good. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Address of the endpoint in use, without credentials. */
  get url(): string | undefined {
    return this.#session?.url;
  }

  /**
   * Asks something that may be asked twice.
   *
   * @throws {GridError} TFG_CHAIN_UNREACHABLE, TFG_CHAIN_BEHIND, TFG_CHAIN_ANSWER, TFG_CHAIN_CLOSED
   */
  async ask<T>(question: (session: ChainSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const ms = this.#options.timing.callMs;
    const limits = { ms, signal, onTimeout: () => chainTimeout(this.url, ms) };
    return withDeadline(this.#askAgain(question), limits);
  }

  /** A session in use; opens one when there is none. */
  async session(): Promise<ChainSession> {
    if (this.#closed.signal.aborted) throw chainClosed();
    if (this.#session?.isOpen) return this.#session;
    this.#opening ??= this.#openAny().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Closes it for good. */
  async close(): Promise<void> {
    if (!this.#closed.signal.aborted) this.#closed.abort(chainClosed());
    await this.#opening?.catch(() => undefined);
    await this.#session?.close();
  }

  async #askAgain<T>(question: (session: ChainSession) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const session = await this.#sessionInSync();
      try {
        return await question(session);
      } catch (error) {
        this.#closed.signal.throwIfAborted();
        if (error instanceof GridError) throw error;
        if (session.isOpen || attempt >= MAX_SESSIONS_PER_ASK) throw this.#asGridError(session, error);
        this.#options.log("debug", "chain endpoint lost", { endpoint: session.url, reason: messageOf(error) });
      }
    }
  }

  /** One missed slot makes the newest block of a healthy chain 12 s old: that is waited for, not reported. */
  async #sessionInSync(): Promise<ChainSession> {
    const { clock, timing } = this.#options;
    for (let waits = 0; ; waits++) {
      try {
        return await this.session();
      } catch (error) {
        if (!hasCode(error, "TFG_CHAIN_BEHIND") || waits >= MAX_WAITS) throw error;
        await clock.sleep(timing.blockMs / 4, this.#closed.signal);
      }
    }
  }

  #asGridError(session: ChainSession, error: unknown): GridError {
    const reason = messageOf(error).slice(0, 200);
    if (session.isOpen) return chainAnswerUnusable(session.url, reason, error);
    return chainUnreachable([failure(session.url, error)], error);
  }

  async #openAny(): Promise<ChainSession> {
    const { urls } = this.#options;
    const failures: EndpointFailure[] = [];
    for (let tried = 0; tried < urls.length; tried++) {
      const index = (this.#nextUrl + tried) % urls.length;
      const url = urls[index] ?? "";
      try {
        const session = await this.#openOne(url);
        // The next connection starts at the next endpoint: this one has failed by then.
        this.#nextUrl = (index + 1) % urls.length;
        return session;
      } catch (error) {
        this.#closed.signal.throwIfAborted();
        failures.push(failure(url, error));
      }
    }
    throw chainUnreachable(failures);
  }

  async #openOne(url: string): Promise<ChainSession> {
    const { clock, log, timing } = this.#options;
    const session = await ChainSession.open({
      url,
      clock,
      log,
      ms: { connect: timing.connectMs, request: timing.requestMs },
    });
    const { genesisHash } = session;
    if (this.#closed.signal.aborted || genesisHash !== (this.#genesisHash ?? genesisHash)) {
      await session.close();
      throw new Error(`it is another chain (genesis ${genesisHash}) than before`);
    }
    this.#genesisHash = genesisHash;
    this.#session = session;
    log("debug", "chain endpoint in use", {
      endpoint: session.url,
      spec: session.codecs.version.specVersion.toNumber(),
    });
    return session;
  }
}

function failure(url: string, error: unknown): EndpointFailure {
  return {
    url: withoutCredentials(url),
    reason: messageOf(error).replaceAll(url, withoutCredentials(url)).slice(0, 200),
    isBehind: error instanceof EndpointBehind,
  };
}
