import { GridError, messageOf } from "../core/errors";

/** What the system says when a port cannot be had, and in which words we do. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "something listens there already",
  EACCES: "this user may not listen there",
};

/**
 * An error of the system about a port, told by the service it was for; undefined for any other.
 *
 * @param ports fixed ports by service
 */
export function portRefusal(
  error: unknown,
  ports: Readonly<Record<string, number | undefined>>,
): GridError | undefined {
  const { code = "", port } = error as { readonly code?: string; readonly port?: number };
  if (port === undefined || !Object.hasOwn(REASONS, code)) return undefined;
  const services = Object.keys(ports).filter((service) => ports[service] === port);
  return new GridError({
    code: "TFG_DEVGRID_PORT",
    summary: `Port ${port} cannot be used.`,
    facts: { for: services.join(" and ") || undefined, reason: REASONS[code] ?? messageOf(error) },
    standing: "No devgrid was started.",
    remedy: "give another port, or none: then any free one is taken.",
    cause: error,
  });
}
