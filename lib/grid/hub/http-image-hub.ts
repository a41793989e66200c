import { createHash } from "node:crypto";
import { messageOf } from "../../core/errors";
import type { ImageHub, ImageSight } from "../clients";

/** How long a hub has to answer one question. */
const ASK_MS = 5_000;

/** More than any honest flist has: it lists files, their contents lie elsewhere. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Looks at images over HTTP, each once. */
export class HttpImageHub implements ImageHub {
  readonly #seen = new Map<string, Promise<ImageSight>>();
  readonly #sums = new Map<string, Promise<string | undefined>>();

  look(url: string, signal: AbortSignal): Promise<ImageSight> {
    return once(this.#seen, url, () => look(url, signal));
  }

  md5Of(url: string, signal: AbortSignal): Promise<string | undefined> {
    return once(this.#sums, url, async () => (await publishedMd5(url, signal)) ?? (await computedMd5(url, signal)));
  }
}

function once<T>(known: Map<string, Promise<T>>, url: string, ask: () => Promise<T>): Promise<T> {
  const asked = known.get(url) ?? ask();
  known.set(url, asked);
  return asked;
}

/** Only "not found" is taken at its word: some servers refuse HEAD, or ask for more than nodes would send. */
async function look(url: string, signal: AbortSignal): Promise<ImageSight> {
  try {
    const { ok, status } = await request(url, "HEAD", signal);
    if (ok) return { kind: "there" };
    return status === 404 || status === 410
      ? { kind: "absent", status }
      : { kind: "unsure", reason: `status ${status}` };
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: "unsure", reason: messageOf(error) };
  }
}

/** Hubs publish the sum of an flist beside it. @source threefoldtech/0-hub src/flist-uploader.py, February 2025 */
async function publishedMd5(url: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await request(`${url}.md5`, "GET", signal).catch((error) => unlessAborted(error, signal));
  const text = answer?.ok ? (await answer.text()).trim() : "";
  return /^[0-9a-f]{32}$/.test(text) ? text : undefined;
}

async function computedMd5(url: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await request(url, "GET", signal).catch((error) => unlessAborted(error, signal));
  if (!answer?.ok || !answer.body) return undefined;
  const hash = createHash("md5");
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return undefined;
    hash.update(chunk);
  }
  return hash.digest("hex");
}

function request(url: string, method: "GET" | "HEAD", signal: AbortSignal): Promise<Response> {
  return fetch(url, { method, signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]) });
}

function unlessAborted(error: unknown, signal: AbortSignal): undefined {
  if (signal.aborted) throw error;
  return undefined;
}
