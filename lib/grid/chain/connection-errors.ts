import { GridError } from "../../core/errors";

/** Why an endpoint was not used. */
export interface EndpointFailure {
  /** Without credentials. */
  readonly url: string;
  /** One clause. */
  readonly reason: string;
  /** True when it answered, but its chain is behind the clock. */
  readonly isBehind: boolean;
}

const UNTOUCHED = "Nothing was changed by this call.";

/** No endpoint could be used. */
export function chainUnreachable(failures: readonly EndpointFailure[], cause?: unknown): GridError {
  const facts = Object.fromEntries(failures.map(({ url, reason }) => [url, reason]));
  if (failures.length > 0 && failures.every(({ isBehind }) => isBehind)) return chainBehind(facts);
  return new GridError({
    code: "TFG_CHAIN_UNREACHABLE",
    summary: "No chain endpoint could be used.",
    facts,
    standing: UNTOUCHED,
    remedy: "check the network and the chain URLs, then run again.",
    retryable: true,
    cause,
  });
}

function chainBehind(facts: Readonly<Record<string, string>>): GridError {
  return new GridError({
    code: "TFG_CHAIN_BEHIND",
    summary: "Every chain endpoint is behind: what it says about contracts may be out of date.",
    facts,
    standing: UNTOUCHED,
    remedy: "check this machine's clock, name another endpoint, or wait until the chain makes blocks again.",
    retryable: true,
  });
}

/** A question was not answered within its deadline. */
export function chainTimeout(url: string | undefined, ms: number): GridError {
  return new GridError({
    code: "TFG_CHAIN_UNREACHABLE",
    summary: `The chain did not answer within ${ms / 1000} s.`,
    facts: { endpoint: url },
    standing: UNTOUCHED,
    remedy: "check the network and the chain URLs, then run again.",
    retryable: true,
  });
}

/** The endpoint answered with an error, or with something that cannot be read. */
export function chainAnswerUnusable(url: string, reason: string, cause?: unknown): GridError {
  return new GridError({
    code: "TFG_CHAIN_ANSWER",
    summary: "The chain's answer cannot be used.",
    facts: { endpoint: url, reason },
    standing: UNTOUCHED,
    remedy: "check that the URL is a ThreeFold Chain endpoint; if it is, update this package or report the reason.",
    cause,
  });
}

/** The client was closed while something was asked. */
export function chainClosed(): GridError {
  return new GridError({
    code: "TFG_CHAIN_CLOSED",
    summary: "The connection to the chain was closed by this program.",
    standing: "Calls already sent may still be included within the next few minutes.",
    remedy: "run again: what was made is found by its stamp.",
  });
}
