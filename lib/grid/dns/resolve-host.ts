import { lookup, Resolver } from "node:dns/promises";
import { GridError, messageOf } from "../../core/errors";

/** Milliseconds a DNS server gets for one try, and how often it is tried. */
const TRY_MS = 2_000;
const TRIES = 2;

/** Answers that mean "there is no such name" or "it has no address of this family". */
const NOWHERE: readonly unknown[] = ["ENOTFOUND", "ENODATA"];

/**
 * Finds the IPv4 and IPv6 addresses of a host name; none when it has none.
 *
 * @param servers DNS servers as `ip` or `ip:port`; empty asks the way this machine always does
 * @throws {GridError} TFG_DNS_UNREACHABLE when nobody answers the question
 */
export async function resolveHost(
  servers: readonly string[],
  host: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  signal?.throwIfAborted();
  try {
    return servers.length === 0 ? await askSystem(host) : await askServers(servers, host, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw dnsUnreachable(servers, host, error);
  }
}

async function askSystem(host: string): Promise<string[]> {
  const found = await orNowhere(lookup(host, { all: true }));
  return found.map(({ address }) => address);
}

async function askServers(
  servers: readonly string[],
  host: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  resolver.setServers(servers);
  const cancel = () => resolver.cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    const found = await Promise.all([orNowhere(resolver.resolve4(host)), orNowhere(resolver.resolve6(host))]);
    return found.flat();
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/** That a name leads nowhere is an answer. */
async function orNowhere<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked;
  } catch (error) {
    if (isRecord(error) && NOWHERE.includes(error.code)) return [];
    throw error;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function dnsUnreachable(servers: readonly string[], host: string, cause: unknown): GridError {
  return new GridError({
    code: "TFG_DNS_UNREACHABLE",
    summary: `Nobody could be asked where ${host} points.`,
    facts: { servers: servers.join(", ") || "those of this machine", reason: messageOf(cause) },
    standing: "Nothing was changed.",
    remedy: "check the network and its DNS servers (dns_servers of the provider), then run again.",
    retryable: true,
    cause,
  });
}
