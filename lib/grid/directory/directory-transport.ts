import type { Clock } from "../../core/clock";
import { messageOf } from "../../core/errors";
import type { Log } from "../../core/log";
import { directoryNonsense, directoryRefused, directoryUnreachable } from "./directory-errors";

/** How the directory is reached. */
export interface DirectoryTransportOptions {
  /** Base URLs in the order in which they are tried; slashes at the end do no harm. */
  readonly urls: readonly string[];
  /** Paces the rounds; tries themselves are timed by the machine. */
  readonly clock: Clock;
  /** Where endpoints that failed are told. */
  readonly log: Log;
  /** Time for one try in milliseconds. @default 5 000 */
  readonly tryMs?: number;
  /** Time for a whole question, all tries and pauses: also a destroy may have to sit it out. @default 10 000 */
  readonly totalMs?: number;
}

/** A JSON answer with status 200. */
export interface DirectoryAnswer {
  /** Not checked yet. */
  readonly json: unknown;
  /** The `count` header: all matches of a list; undefined when absent. */
  readonly count: number | undefined;
}

/** More than any honest page needs. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

const FIRST_PAUSE_MS = 500;
const MAX_ROUNDS = 3;

/** Asks the directory over HTTP, with failover: an endpoint that answered last is asked first. */
export class DirectoryTransport {
  readonly #options: Required<DirectoryTransportOptions>;
  readonly #endpoints: readonly Endpoint[];
  #preferred = 0;

  constructor(options: DirectoryTransportOptions) {
    this.#options = { tryMs: 5_000, totalMs: 10_000, ...options };
    this.#endpoints = options.urls.map(endpointOf);
  }

  /**
   * Gets a path; undefined for 404.
   *
   * @throws {GridError} TFG_DIRECTORY_UNREACHABLE after every endpoint failed in every round or the time is up;
   * TFG_DIRECTORY_REFUSED at once for any other 4xx and for an answer that is no JSON.
   */
  async get(path: string, signal?: AbortSignal): Promise<DirectoryAnswer | undefined> {
    const { clock, totalMs, log } = this.#options;
    const end = clock.now() + totalMs;
    const tries: string[] = [];
    let lastError: unknown;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (round > 0) await clock.sleep(Math.min(FIRST_PAUSE_MS * 2 ** round, Math.max(0, end - clock.now())), signal);
      for (const [turn, endpoint] of this.#inOrder().entries()) {
        if (clock.now() >= end) break;
        try {
          const response = await this.#fetch(endpoint, path, { leftMs: end - clock.now(), signal });
          this.#preferred = (this.#preferred + turn) % this.#endpoints.length;
          return readAnswer(path, response);
        } catch (error) {
          signal?.throwIfAborted();
          if (!(error instanceof EndpointFailure)) throw error;
          lastError = error;
          tries.push(`${endpoint.host}: ${error.message}`);
          log("debug", "directory endpoint failed", { host: endpoint.host, path, error: error.message });
        }
      }
    }
    throw directoryUnreachable(path, tries, lastError);
  }

  #inOrder(): readonly Endpoint[] {
    return [...this.#endpoints.slice(this.#preferred), ...this.#endpoints.slice(0, this.#preferred)];
  }

  /** One try: everything that speaks against the endpoint, not against the question, is an EndpointFailure. */
  async #fetch(
    endpoint: Endpoint,
    path: string,
    limits: { readonly leftMs: number; readonly signal: AbortSignal | undefined },
  ): Promise<RawResponse> {
    const deadline = AbortSignal.timeout(Math.max(1, Math.min(this.#options.tryMs, limits.leftMs)));
    try {
      const response = await fetch(endpoint.base + path, {
        headers: endpoint.headers,
        signal: limits.signal ? AbortSignal.any([limits.signal, deadline]) : deadline,
      });
      const body = await readBody(response);
      if (response.status >= 500 || response.status === 429) {
        throw new Error(`HTTP ${response.status} ${body.slice(0, 120)}`);
      }
      return { status: response.status, body, count: response.headers.get("count") };
    } catch (cause) {
      throw new EndpointFailure(reasonOf(cause), { cause });
    }
  }
}

interface Endpoint {
  readonly base: string;
  /** What may be shown: never the whole URL, which may hold credentials. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface RawResponse {
  readonly status: number;
  readonly body: string;
  readonly count: string | null;
}

class EndpointFailure extends Error {}

function readAnswer(path: string, { status, body, count }: RawResponse): DirectoryAnswer | undefined {
  if (status === 404) return undefined;
  if (status !== 200) throw directoryRefused(path, status, body);
  try {
    return { json: JSON.parse(body), count: count !== null && /^\d{1,9}$/.test(count) ? Number(count) : undefined };
  } catch (cause) {
    if (cause instanceof SyntaxError) throw directoryNonsense(path, "it is no JSON", body);
    throw cause;
  }
}

async function readBody(response: Response): Promise<string> {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("the answer is larger than 32 MiB");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** `fetch failed` says nothing: the reason is in its cause. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof DOMException && thrown.name === "TimeoutError") return "no answer in time";
  if (thrown instanceof Error && thrown.cause !== undefined) return messageOf(thrown.cause);
  return messageOf(thrown);
}

/** Credentials move from the URL, where fetch refuses them, to where they belong. */
function endpointOf(text: string): Endpoint {
  const accept = "application/json";
  if (!URL.canParse(text)) return { base: "not-a-url:", host: "(not a URL)", headers: { accept } };
  const url = new URL(text);
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const headers: Record<string, string> =
    credentials === ":" ? { accept } : { accept, authorization: `Basic ${btoa(credentials)}` };
  return { base: `${url.origin}${url.pathname.replace(/\/+$/, "")}`, host: url.host, headers };
}
