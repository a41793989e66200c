/** Secrets in workloads that are written as JSON: `{"$secret": "env:TOKEN"}` stands in place of a text. */
import type { GridError } from "../../core/errors";
import { isRecord } from "../../core/is-record";
import { badWorkloads } from "./raw-error";

/** Turns a reference into its value. `label` says where it is used, the same from one run to the next. */
export type ResolveSecret = (label: string, reference: string) => string;

/** A reference, and where it stands. */
export interface PlacedReference {
  /** Where inside the JSON. */
  readonly place: string;
  readonly reference: string;
}

/** Fields whose value is a secret for every workload that has them. */
const SECRET_FIELDS: readonly string[] = ["password", "wireguard_private_key", "hex_key", "key"];

/** The reference in place of a text; undefined for any other value. */
export function referenceIn(value: unknown): string | undefined {
  if (!isRecord(value) || Object.keys(value).length !== 1) return undefined;
  return typeof value.$secret === "string" ? value.$secret : undefined;
}

/** The same JSON with every reference turned into its value. */
export function withSecrets(value: unknown, label: string, resolve: ResolveSecret): unknown {
  const reference = referenceIn(value);
  if (reference !== undefined) return resolve(label, reference);
  if (Array.isArray(value)) return value.map((item, index) => withSecrets(item, `${label}[${index}]`, resolve));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withSecrets(item, `${label}.${name}`, resolve)]),
  );
}

/** Every reference in it. */
export function referencesIn(value: unknown, place: string): readonly PlacedReference[] {
  const reference = referenceIn(value);
  if (reference !== undefined) return [{ place, reference }];
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesIn(item, `${place}[${index}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => referencesIn(item, `${place}.${name}`));
}

/** Secrets written out, which would end up in the state. An environment may hold any text: what is secret there, its author knows. */
export function bareSecrets(value: unknown, place: string): readonly GridError[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => bareSecrets(item, `${place}[${index}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const field = name.toLowerCase();
    if (field === "env") return [];
    const isBare = SECRET_FIELDS.includes(field) && typeof item === "string" && item !== "";
    return isBare ? [bareSecret(`${place}.${name}`)] : bareSecrets(item, `${place}.${name}`);
  });
}

/** Whether anything in it is or may be a secret: what another client keeps in texts of its own, nobody knows. */
export function mayHoldSecrets(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(mayHoldSecrets);
  if (typeof value === "string") return value.includes("private_key");
  if (!isRecord(value)) return false;
  return Object.entries(value).some(([name, item]) => {
    if (name === "env") return isRecord(item) && Object.keys(item).length > 0;
    return (SECRET_FIELDS.includes(name) && item !== "") || mayHoldSecrets(item);
  });
}

function bareSecret(place: string): GridError {
  return badWorkloads({
    place,
    problem: "is a secret and would be kept in the state",
    allowed:
      '{"$secret": "env:NAME"}, {"$secret": "file:PATH"}, {"$secret": "derive:zdb-password/<identity>/<version>"}',
    remedy: "put the value into the environment or a file and refer to it.",
  });
}
