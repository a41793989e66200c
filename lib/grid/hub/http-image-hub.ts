import { createHash } from "node:crypto";
import { messageOf } from "../../core/errors";
import type { ImageHub, ImageSight } from "../clients";

/** How long a hub has to answer one question. */
const ASK_MS = 5_000;

/** How long it has to send a whole flist, of which it publishes no sum. */
const DOWNLOAD_MS = 30_000;

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
  // Given up is not an answer.
  asked.catch(() => known.delete(url));
  return asked;
}

/** Only "not found" is taken at its word: some servers refuse HEAD, or ask for more than nodes would send. */
async function look(url: string, signal: AbortSignal): Promise<ImageSight> {
  try {
    const { ok, status } = await fetch(url, { method: "HEAD", signal: withLimit(signal, ASK_MS) });
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
  try {
    const answer = await fetch(`${url}.md5`, { signal: withLimit(signal, ASK_MS) });
    const text = answer.ok ? (await answer.text()).trim() : "";
    return /^[0-9a-f]{32}$/.test(text) ? text : undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

async function computedMd5(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { signal: withLimit(signal, DOWNLOAD_MS) });
    if (!answer.ok || !answer.body) return undefined;
    const hash = createHash("md5");
    let bytes = 0;
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) return undefined;
      hash.update(chunk);
    }
    return hash.digest("hex");
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

function withLimit(signal: AbortSignal, ms: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)]);
}
