import type { Refusal } from "../../core/bad-value";

const ALLOWED = "name:tag of a public image, such as nginx:1.27 or grafana/grafana:11.0.0";

/**
 * Why no flist can be found for a docker image; undefined when one can. Digests and ports are refused: the hub turns `@`,
 * `:` and `/` into names that others may have, too, and a port keeps it from adding the tag.
 *
 * @source threefoldtech/0-hub src/docker-convert.py, February 2025
 */
export function dockerReferenceRefusal(reference: string): Refusal | undefined {
  const given = reference;
  if (reference.includes("@")) {
    return { given, allowed: ALLOWED, remedy: "name a tag in the place of the digest: the hub converts tags." };
  }
  if (/:[^/]*\//.test(reference)) {
    return {
      given,
      allowed: ALLOWED,
      remedy: "use a registry without a port, or convert it and use Image.flist(url).",
    };
  }
  const component = "[a-z0-9]+(?:[._-]+[a-z0-9]+)*";
  const isName = new RegExp(`^${component}(?:/${component})*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$`).test(reference);
  return isName ? undefined : { given, allowed: ALLOWED };
}

/** Name of the file that the hub makes of a docker image. @source threefoldtech/0-hub src/docker-convert.py, February 2025 */
export function dockerFlistName(reference: string): string {
  const tagged = reference.includes(":") ? reference : `${reference}:latest`;
  return `${tagged.replace(/[:/]/g, "-")}.flist`;
}

/** One text of the words of a command, which the node splits again as a shell would. */
export function commandLine(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

/** The same command, run in a directory: the program may be one that is found in PATH. Needs a shell in the image. */
export function inDirectory(directory: string, words: readonly string[]): readonly string[] {
  return ["/bin/sh", "-c", 'cd "$0" && exec "$@"', directory, ...words];
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_/.,:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
