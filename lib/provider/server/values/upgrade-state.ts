import { GridError } from "../../../core/errors";
import type { Resource } from "../../resource";
import type { ObjectValue } from "../../schema/value";
import { parseLossless } from "./lossless";
import { readObject, ValueMisfit } from "./read-value";
import type { ObjectShape } from "./shape";

/** A state as Terraform stored it. */
export interface StoredState {
  readonly json: Uint8Array;
  /** Schema version that wrote it. */
  readonly version: number;
}

/**
 * Reads a stored state with the present schema, after the upgrades its version needs. Attributes that no longer exist
 * are dropped, new ones are null.
 *
 * @throws {GridError} TFG_STATE_NEWER, TFG_STATE_MISFIT
 */
export function upgradeState(resource: Resource, shape: ObjectShape, stored: StoredState): ObjectValue {
  const { schema, typeName, upgrades } = resource;
  if (stored.version > schema.version) throw stateNewer(typeName, stored.version, schema.version);
  try {
    let raw = parseObject(stored.json);
    for (let version = stored.version; version < schema.version; version++) raw = upgrades?.[version]?.(raw) ?? raw;
    return readObject(shape, raw);
  } catch (error) {
    if (error instanceof ValueMisfit) throw stateMisfit(typeName, stored.version, error);
    throw error;
  }
}

function parseObject(json: Uint8Array): Readonly<Record<string, unknown>> {
  const raw = parseLossless(Buffer.from(json).toString("utf8"));
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw new ValueMisfit([], "is not a JSON object");
  return raw as Readonly<Record<string, unknown>>;
}

function stateNewer(typeName: string, stored: number, known: number): GridError {
  return new GridError({
    code: "TFG_STATE_NEWER",
    summary: `The state of a ${typeName} was written by a newer version of the provider.`,
    facts: { "schema version in the state": stored, "schema version known here": known },
    standing: "Nothing was changed.",
    remedy: "use the provider version that wrote it, or a later one.",
  });
}

function stateMisfit(typeName: string, version: number, misfit: ValueMisfit): GridError {
  return new GridError({
    code: "TFG_STATE_MISFIT",
    summary: `The stored state of a ${typeName} does not fit its schema.`,
    facts: { attribute: misfit.path.join(".") || undefined, problem: misfit.problem, "schema version": version },
    standing: "Nothing was changed.",
    remedy: "restore the state from a backup, or remove the object from the state and import it again.",
    cause: misfit,
  });
}
