import type { AttributePath } from "../../../../core/errors";
import { isObjectValue, type ObjectValue, type Value } from "../../../schema/value";

/** A namespace in a configuration, and where it stands. */
export interface PlacedBackend {
  readonly attribute: AttributePath;
  readonly value: ObjectValue;
}

/** Every namespace of a file system, as far as known: those of the map first. */
export function backendsOf(item: Value, attribute: AttributePath): PlacedBackend[] {
  return [...metadataOf(item, attribute), ...groupsOf(item, attribute).flat()];
}

/** The namespaces of its map, as far as known. */
export function metadataOf(item: Value, attribute: AttributePath): PlacedBackend[] {
  return isObjectValue(item) ? placed(item.metadata, [...attribute, "metadata"]) : [];
}

/** The namespaces of its data, as far as known, by group. */
export function groupsOf(item: Value, attribute: AttributePath): PlacedBackend[][] {
  if (!isObjectValue(item)) return [];
  return placed(item.groups, [...attribute, "groups"]).map((group) =>
    placed(group.value.backends, [...group.attribute, "backends"]),
  );
}

function placed(list: Value | undefined, attribute: AttributePath): PlacedBackend[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((value, index) => (isObjectValue(value) ? [{ attribute: [...attribute, index], value }] : []));
}
