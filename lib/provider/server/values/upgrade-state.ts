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

/** A state as parsed, of whatever version. */
type Raw = Readonly<Record<string, unknown>>;

/**
 * Reads a stored state with the present schema, after the upgrades its version needs. Attributes that no longer exist
 * are dropped, new ones are null.
 *
 * @throws {GridError} TFG_STATE_NEWER, TFG_STATE_MISFIT
 */
export function upgradeState(resource: Resource, shape: ObjectShape, stored: StoredState): ObjectValue {
  const { schema, typeName } = resource;
  if (stored.version > schema.version) throw stateNewer(typeName, stored.version, schema.version);
  try {
    let raw = parseObject(stored.json);
    for (let version = stored.version; version < schema.version; version++) raw = upgradeOnce(resource, raw, version);
    return readObject(shape, raw);
  } catch (error) {
    if (error instanceof ValueMisfit) throw stateMisfit(typeName, stored.version, error);
    throw error;
  }
}

/** @throws {ValueMisfit} when the state is not what that version wrote */
function upgradeOnce({ typeName, upgrades }: Resource, raw: Raw, version: number): Raw {
  const upgrade = upgrades?.[version];
  if (!upgrade) throw new TypeError(`${typeName} has no upgrade from schema version ${version}`);
  try {
    return upgrade(raw);
  } catch {
    // What it stumbled over may be quoted in its own message, and may be a secret.
    throw new ValueMisfit([], `is not what schema version ${version} writes: it has no way to version ${version + 1}`);
  }
}

function parseObject(json: Uint8Array): Raw {
  const raw = parseLossless(Buffer.from(json).toString("utf8"));
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw new ValueMisfit([], "is not a JSON object");
  return raw as Raw;
}

const STANDING = "Nothing was changed; what the state describes goes on running and billing.";

function stateNewer(typeName: string, stored: number, known: number): GridError {
  return new GridError({
    code: "TFG_STATE_NEWER",
    summary: `The state of a ${typeName} was written by a newer version of the provider.`,
    facts: { "schema version in the state": stored, "schema version known here": known },
    standing: STANDING,
    remedy:
      "use the provider version that wrote it, or a later one; to go back, restore the state from the backup of before.",
  });
}

function stateMisfit(typeName: string, version: number, misfit: ValueMisfit): GridError {
  return new GridError({
    code: "TFG_STATE_MISFIT",
    summary: `The stored state of a ${typeName} does not fit its schema.`,
    facts: { attribute: misfit.path.join(".") || undefined, problem: misfit.problem, "schema version": version },
    standing: STANDING,
    remedy: "restore the state from a backup, or remove the object from the state and import it again.",
    cause: misfit,
  });
}
