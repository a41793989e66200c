import { messageOf } from "../../core/errors";
import type { Log } from "../../core/log";
import type { DirectoryIndex } from "../directory/directory-index";
import { type HttpAnswer, type HttpService, jsonAnswer, startHttpService } from "../http-service";
import type { Wire } from "../wire/wire";
import { execute } from "./execute";
import { GraphqlError, type GraphqlObject, parseQuery } from "./query-parser";

/** What the GraphQL service needs. */
export interface GraphqlServerOptions {
  /** What is served: the same that the directory serves. */
  readonly index: DirectoryIndex;
  /** @default 0: any free port */
  readonly port?: number;
  /** Where requests that failed are told. */
  readonly log: Log;
  /** What answers pass on their way. @default nothing that can go wrong */
  readonly wire?: Wire;
}

/**
 * Serves `POST /graphql`: lists and counts of nodes, farms, twins, contracts and public IPs.
 *
 * Differs from the real service: only the queries that grid clients send are understood (no fragments, directives,
 * introspection, subscriptions or nested `where`), and bill reports are empty.
 */
export function startGraphqlServer({ index, port, log, wire }: GraphqlServerOptions): Promise<HttpService> {
  return startHttpService({
    name: "graphql",
    port,
    log,
    wire,
    handle: ({ method, url, body }): HttpAnswer => {
      if (url.pathname !== "/graphql") return jsonAnswer(404, { error: "not found" });
      if (method !== "POST")
        return jsonAnswer(405, { errors: [{ message: "GraphQL only supports POST requests here." }] });
      try {
        const { query, variables } = readRequest(body);
        return jsonAnswer(200, { data: execute(parseQuery(query, variables), index.current()) });
      } catch (error) {
        if (error instanceof GraphqlError) return jsonAnswer(400, { errors: [{ message: messageOf(error) }] });
        throw error;
      }
    },
  });
}

function readRequest(body: string): { query: string; variables: GraphqlObject } {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch (cause) {
    throw new GraphqlError("The request body is not JSON.", { cause });
  }
  const { query, variables } = (request ?? {}) as { query?: unknown; variables?: unknown };
  if (typeof query !== "string") throw new GraphqlError("Must provide query string.");
  const isVariables = typeof variables === "object" && variables !== null && !Array.isArray(variables);
  return { query, variables: isVariables ? (variables as GraphqlObject) : {} };
}
