import { type RequestOptions, request } from "node:https";

/** What a server answered. */
export interface HttpsAnswer {
  readonly status: number;
  readonly text: string;
}

/** Asks an HTTPS server once, over a connection of its own. @throws what TLS says */
export function askHttps(url: string, options: RequestOptions = {}): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
