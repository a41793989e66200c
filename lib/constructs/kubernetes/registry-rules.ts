import { Token } from "cdktf";
import type { AttributePath, GridError } from "../../core/errors";
import type { KubernetesClusterProps } from "../kubernetes-cluster";
import { isSecret } from "../private/kinds";
import { badValue } from "../private/problems";

/** Fields of `registries.yaml` whose text lets somebody in, in small letters. */
const SECRET_FIELDS: readonly string[] = ["password", "auth", "identity_token", "identitytoken", "authorization"];

/** An address with a password in it. */
const PASSWORD_IN_URL = /:\/\/[^/?#@]*:[^/?#@]+@/;

/** A plain object is written into configuration and state as it is, so that nothing in it may be a secret. */
export function checkRegistries({ registries }: KubernetesClusterProps): GridError[] {
  return registries === undefined || isSecret(registries) ? [] : secretsIn(registries, ["registries"]);
}

function secretsIn(value: unknown, path: AttributePath): GridError[] {
  if (typeof value === "string" && PASSWORD_IN_URL.test(value)) return [misplaced(path, "has a password in it")];
  if (typeof value !== "object" || value === null || Token.isUnresolved(value)) return [];
  if (isSecret(value)) return [misplaced(path, "is a Secret inside of a plain object")];
  if (Array.isArray(value)) return value.flatMap((item, index) => secretsIn(item, [...path, index]));
  return Object.entries(value).flatMap(([name, item]) => {
    const isBare = SECRET_FIELDS.includes(name.toLowerCase()) && isFilled(item);
    return isBare ? [misplaced([...path, name], "would be kept in the state")] : secretsIn(item, [...path, name]);
  });
}

/** What Terraform fills in is in the state afterwards, too. */
function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isFilled);
  return typeof value === "object" ? Token.isUnresolved(value) : value !== undefined && value !== "";
}

function misplaced(attribute: AttributePath, what: string): GridError {
  const allowed = "an object without secrets, or a Secret of the text of registries.yaml";
  const remedy = "give the whole file as a Secret: Secret.fromFile(path) or Secret.fromEnv(name).";
  return badValue({ attribute, what, allowed, remedy });
}
