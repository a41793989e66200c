import { badValue } from "../../../../core/bad-value";
import type { AttributePath, GridError } from "../../../../core/errors";
import { parseSecretReference } from "../../../deployment/secret-references";

/** Which storage's key is meant, and which version of it. */
export interface StorageKey {
  readonly identity: string;
  readonly version: number;
}

/** Reads a reference to the key of a storage; undefined for anything else. */
export function parseStorageKey(text: string): StorageKey | undefined {
  const reference = parseSecretReference(text);
  return reference?.source === "derive" && reference.kind === "qsfs-key" ? reference : undefined;
}

/** The text may be the key itself: it is not repeated. */
export function notAStorageKey(attribute: AttributePath): GridError {
  const allowed = "derive:qsfs-key/<storage>/<version>";
  return badValue({ attribute, isSecret: true, what: "is no reference to the key of a storage", allowed });
}
