import { GridError, quote } from "../../core/errors";

/** No endpoint gave an answer that can be used. */
export function directoryUnreachable(path: string, tries: readonly string[], cause: unknown): GridError {
  return new GridError({
    code: "TFG_DIRECTORY_UNREACHABLE",
    summary: "The grid's directory of nodes does not answer.",
    facts: {
      asked: path,
      tried: tries.length > 0 ? tries.join("; ") : "nothing: the time was up before the first try",
    },
    standing: "Nothing was changed: the directory is only read. What runs on the grid keeps running and billing.",
    remedy: "check the network connection and try again; an outage of the directory ends by itself.",
    retryable: true,
    cause,
  });
}

/** The directory answered that it will not do this: asking again is of no use. */
export function directoryRefused(path: string, status: number, body: string): GridError {
  return new GridError({
    code: "TFG_DIRECTORY_REFUSED",
    summary: `The grid's directory refused a query (HTTP ${status}).`,
    facts: { asked: path, "it said": quote(body) },
    standing: "Nothing was changed.",
    remedy: "check the filters of the query; an unknown parameter or a value of the wrong kind is refused.",
  });
}

/** The directory answered something that is not what it serves. */
export function directoryNonsense(path: string, reason: string, answer: unknown): GridError {
  return new GridError({
    code: "TFG_DIRECTORY_REFUSED",
    summary: `The grid's directory gave an answer that cannot be understood: ${reason}.`,
    facts: { asked: path, "it said": quote(answer) },
    standing: "Nothing was changed.",
    remedy: "check that the directory URL belongs to a gridproxy; if it does, report this answer.",
  });
}
