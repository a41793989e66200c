import { readFileSync } from "node:fs";
import { GridError, messageOf } from "../../core/errors";
import { Secret } from "../../core/secret";
import type { KeyDerivation } from "../../model/key-derivation";
import { clusterSecret } from "../../model/kubernetes/cluster-secrets";
import { CLUSTER_SECRET_KINDS } from "../../model/kubernetes/secret-names";

/** Kinds of derived secrets a configuration may refer to. */
const DERIVABLE: readonly string[] = ["zdb-password", "qsfs-key", ...CLUSTER_SECRET_KINDS];

/** A secret as a configuration may write it: a reference, never the value. */
export type SecretReference =
  | {
      readonly source: "derive";
      readonly kind: string;
      readonly identity: string;
      readonly version: number;
      /** Key scope of the project it belongs to; undefined means the one that uses it. */
      readonly scope: string | undefined;
    }
  | { readonly source: "env"; readonly name: string }
  | { readonly source: "file"; readonly path: string };

/** Reads a reference; undefined for anything that is none. */
export function parseSecretReference(text: string): SecretReference | undefined {
  const derived = /^derive:([a-z0-9-]+)\/(.+)\/([1-9]\d{0,8})(?:@([\w-]{1,40}))?$/.exec(text);
  const kind = DERIVABLE.find((name) => name === derived?.[1]);
  if (derived && kind) {
    const [, , identity = "", version, scope] = derived;
    return { source: "derive", kind, identity, version: Number(version), scope };
  }
  const outside = /^(env|file):(.+)$/s.exec(text);
  if (outside?.[1] === "env") return { source: "env", name: outside[2] ?? "" };
  if (outside?.[1] === "file") return { source: "file", path: outside[2] ?? "" };
  return undefined;
}

/**
 * Turns a reference into its value, in memory only.
 *
 * @param label where it is used, for messages: `secret_env.TOKEN`
 * @throws {GridError} TFG_SECRET_REFERENCE for text that is no reference, TFG_SECRET_MISSING when there is no value
 */
export function resolveSecret(text: string, keys: KeyDerivation, label: string): Secret {
  const reference = parseSecretReference(text);
  if (!reference) throw notAReference([label]);
  if (reference.source === "derive") return derivedSecret(reference, keys);
  const isVariable = reference.source === "env";
  const where = isVariable ? `environment variable ${reference.name}` : `file ${reference.path}`;
  const value = isVariable ? process.env[reference.name] : readText(reference.path, { label, where });
  if (value === undefined) throw missing({ label, where, reason: "it is not set" });
  if (value === "") throw missing({ label, where, reason: "it is empty" });
  return new Secret(value);
}

function readText(path: string, place: { readonly label: string; readonly where: string }): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw missing({ ...place, reason: messageOf(error) });
  }
}

function derivedSecret(reference: SecretReference & { readonly source: "derive" }, own: KeyDerivation): Secret {
  const keys = reference.scope === undefined ? own : own.ofScope(reference.scope);
  if (reference.kind === "qsfs-key") return keys.hexKey({ ...reference, kind: "qsfs-key" });
  const value = clusterSecret(keys, reference);
  return value === undefined ? keys.password({ ...reference, kind: "zdb-password" }) : new Secret(value);
}

/**
 * A value where only a reference may stand. The text given may be the secret, so it is not repeated; nor is an attribute
 * blamed, whose line Terraform would quote.
 */
export function notAReference(attribute: readonly (string | number)[]): GridError {
  return new GridError({
    code: "TFG_SECRET_REFERENCE",
    summary: `${attribute.join(".") || "A secret"} is no reference to a secret.`,
    facts: { allowed: "derive:<kind>/<identity>/<version>, env:NAME, file:PATH" },
    standing: "Nothing was started.",
    remedy: "put the value into the environment or a file and refer to it, or use secret_env_wo.",
  });
}

interface MissingSecret {
  readonly label: string;
  readonly where: string;
  readonly reason: string;
}

function missing({ label, where, reason }: MissingSecret): GridError {
  return new GridError({
    code: "TFG_SECRET_MISSING",
    summary: `The secret for ${label} in ${where} cannot be read.`,
    facts: { reason },
    standing: "Nothing was changed by this object.",
    remedy: "provide it where this command runs.",
  });
}
