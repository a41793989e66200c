import { GridError, messageOf } from "../../core/errors";
import type { Log } from "../../core/log";
import { type HttpAnswer, type HttpService, jsonAnswer, startHttpService } from "../http-service";

/** One power over the grid that no real grid gives. */
export interface ControlMethod {
  /** Parameters and effect in one line, listed by `GET /control`. */
  readonly doc: string;
  /** Does it; what it gives back becomes `result`. Throws with a text for the caller when a parameter is wrong. */
  readonly run: (params: readonly unknown[]) => unknown;
}

/** Methods by name, `dev.*`. */
export type ControlMethods = Readonly<Record<string, ControlMethod>>;

/** What the control service needs. */
export interface ControlServerOptions {
  /** What may be called. */
  readonly methods: ControlMethods;
  /** @default 0: any free port */
  readonly port?: number;
  /** Where requests that failed are told. */
  readonly log: Log;
}

/**
 * Serves `POST /control` with `{"method":"dev.advanceTime","params":[3600]}`, answered by `{"result":…}` or
 * `{"error":{"message":…}}`; `GET /control` lists the methods.
 *
 * Differs from the real service: there is none.
 */
export function startControlServer({ methods, port, log }: ControlServerOptions): Promise<HttpService> {
  return startHttpService({
    name: "control",
    port,
    log,
    handle: async ({ method, url, body }): Promise<HttpAnswer> => {
      if (url.pathname !== "/control") return failure(404, "ask /control");
      if (method === "GET") return jsonAnswer(200, documented(methods));
      if (method !== "POST") return failure(405, "use GET or POST");
      try {
        return jsonAnswer(200, { result: (await callControl(methods, parseCall(body))) ?? null });
      } catch (error) {
        return failure(400, error instanceof GridError ? error.summary : messageOf(error));
      }
    },
  });
}

/** A control call. */
export interface ControlCall {
  /** `dev.…` */
  readonly method: string;
  /** By position. */
  readonly params: readonly unknown[];
}

/** Runs one method. @throws when there is none of that name, or as the method does */
export async function callControl(methods: ControlMethods, { method, params }: ControlCall): Promise<unknown> {
  const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!found) throw new Error(`unknown method "${method}"; there are ${Object.keys(methods).join(", ")}`);
  return found.run(params);
}

function parseCall(body: string): ControlCall {
  let call: unknown;
  try {
    call = JSON.parse(body);
  } catch (cause) {
    throw new Error("the body is no JSON", { cause });
  }
  const { method, params = [] } = (call ?? {}) as { method?: unknown; params?: unknown };
  if (typeof method !== "string" || !Array.isArray(params)) {
    throw new Error('the body must be {"method": "dev.…", "params": […]}');
  }
  return { method, params };
}

function documented(methods: ControlMethods): Record<string, string> {
  return Object.fromEntries(Object.entries(methods).map(([name, { doc }]) => [name, doc]));
}

function failure(status: number, message: string): HttpAnswer {
  return jsonAnswer(status, { error: { message } });
}
