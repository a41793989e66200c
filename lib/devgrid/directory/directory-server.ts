import type { Log } from "../../core/log";
import { type HttpAnswer, type HttpService, startHttpService } from "../http-service";
import type { Wire } from "../wire/wire";
import type { DirectoryIndex } from "./directory-index";
import type { NodeFactsSource } from "./node-facts";
import { route } from "./routes";

/** What the REST directory needs. */
export interface DirectoryServerOptions {
  /** What is served. */
  readonly index: DirectoryIndex;
  /** For the routes that ask a node live. */
  readonly factsOf: NodeFactsSource;
  /** Chain time, Unix milliseconds. */
  readonly now: () => number;
  /** @default 0: any free port */
  readonly port?: number;
  /** Where requests that failed are told. */
  readonly log: Log;
  /** What answers pass on their way. @default nothing that can go wrong */
  readonly wire?: Wire;
}

const CORS = { "access-control-allow-origin": "*", "access-control-expose-headers": "*" };

/**
 * Serves the grid's directory of nodes, farms, twins and contracts.
 *
 * Differs from the real service: bills and consumption are empty; `/swagger/` is missing; facts that come from nodes
 * (features, cards, health) never lag on their own. See {@link DirectoryIndex} for lag and staleness.
 */
export function startDirectoryServer(options: DirectoryServerOptions): Promise<HttpService> {
  const { index, factsOf, now } = options;
  return startHttpService({
    name: "directory",
    port: options.port,
    log: options.log,
    wire: options.wire,
    handle: ({ url }): HttpAnswer => {
      const context = { snapshot: index.current(), params: url.searchParams, factsOf, now: Math.floor(now() / 1000) };
      const reply = route(url.pathname, context);
      if (!reply)
        return { status: 404, headers: { "content-type": "text/plain; charset=utf-8" }, body: "404 page not found\n" };
      return { ...reply, headers: { ...reply.headers, ...CORS } };
    },
  });
}
