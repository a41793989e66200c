import type { AttributePath, GridError } from "../../../../core/errors";
import { splitHostPort } from "../../../../model/wire/host-port";
import { parseIp } from "../../../../model/wire/ip-address";
import { notAReference, parseSecretReference } from "../../../deployment/secret-references";
import { badValue, checkRange } from "../../../schema/finding";
import { isObjectValue, isWhollyKnown, type ObjectValue, type Value } from "../../../schema/value";
import { backendsOf, groupsOf, metadataOf, type PlacedBackend } from "./backends";
import { notAStorageKey, parseStorageKey } from "./key";

/** Namespaces for the map: what official clients give, and what the map's own redundancy is made for. */
const METADATA_BACKENDS = 4;

/** Checks what is known of a machine's file systems; mount points and names are checked with those of its disks. */
export function checkQuantumStorage(items: Value | undefined): GridError[] {
  if (!Array.isArray(items)) return [];
  const seen = new Set<string>();
  return items.flatMap((item, index) =>
    isObjectValue(item) ? checkFileSystem(item, ["quantum_storage", index], seen) : [],
  );
}

function checkFileSystem(item: ObjectValue, path: AttributePath, seen: Set<string>): GridError[] {
  return [
    ...checkRange(item.cache_gib, [...path, "cache_gib"], { min: 1, max: 10_240, unit: "GiB" }),
    ...checkRange(item.max_zdb_data_dir_size_mib, [...path, "max_zdb_data_dir_size_mib"], {
      min: 32,
      max: 1_048_576,
      unit: "MiB",
    }),
    ...checkKey(item.key, [...path, "key"]),
    ...checkMetadata(item, path),
    ...checkShards(item, path),
    ...backendsOf(item, path).flatMap((backend) => checkBackend(backend, seen)),
  ];
}

function checkKey(key: Value | undefined, attribute: AttributePath): GridError[] {
  if (typeof key !== "string") return [];
  return parseStorageKey(key) ? [] : [notAStorageKey(attribute)];
}

function checkMetadata(item: ObjectValue, path: AttributePath): GridError[] {
  const count = metadataOf(item, path).length;
  if (!isListed(item.metadata) || count === METADATA_BACKENDS) return [];
  const attribute = [...path, "metadata"];
  const allowed = `exactly ${METADATA_BACKENDS} namespaces of mode user`;
  const remedy = `name ${METADATA_BACKENDS} namespaces.`;
  return [badValue({ attribute, what: `names ${count} ${count === 1 ? "namespace" : "namespaces"}`, allowed, remedy })];
}

function checkShards(item: ObjectValue, path: AttributePath): GridError[] {
  const { expected_shards: expected, groups } = item;
  const found = groupsOf(item, path);
  const isCounted = isListed(groups) && groups.every((group) => isObjectValue(group) && isListed(group.backends));
  const total = isCounted ? found.flat().length : Number.MAX_SAFE_INTEGER;
  return [
    ...emptyGroups(found, isCounted, path),
    ...(total > 0 ? checkCount(expected, [...path, "expected_shards"], { max: total, of: "data backends" }) : []),
    ...checkMinimal(item, path),
    ...checkRange(item.redundant_groups, [...path, "redundant_groups"], {
      min: 0,
      max: isCounted ? Math.max(0, found.length - 1) : 255,
    }),
    ...checkRange(item.redundant_nodes, [...path, "redundant_nodes"], {
      min: 0,
      max: isCounted ? Math.max(0, Math.min(...found.map(({ length }) => length)) - 1) : 255,
    }),
  ];
}

function checkMinimal({ minimal_shards: minimal, expected_shards: expected }: ObjectValue, path: AttributePath) {
  const max = typeof expected === "number" && expected >= 1 ? expected : Number.MAX_SAFE_INTEGER;
  return checkCount(minimal, [...path, "minimal_shards"], { max, of: "expected_shards" });
}

function checkCount(
  value: Value | undefined,
  attribute: AttributePath,
  { max, of }: { readonly max: number; readonly of: string },
): GridError[] {
  if (typeof value !== "number" || (Number.isInteger(value) && value >= 1 && value <= max)) return [];
  const bound = max === Number.MAX_SAFE_INTEGER ? "1 or more" : `1 to ${max}, the number of ${of}`;
  return [badValue({ attribute, given: value, allowed: `a whole number, ${bound}` })];
}

function emptyGroups(groups: readonly PlacedBackend[][], isCounted: boolean, path: AttributePath): GridError[] {
  if (!isCounted || (groups.length > 0 && groups.every(({ length }) => length > 0))) return [];
  const what = groups.length === 0 ? "are empty" : "have one without a namespace";
  const allowed = "groups of at least one namespace of mode seq";
  const remedy = "name the namespaces for the data.";
  return [badValue({ attribute: [...path, "groups"], what, allowed, remedy })];
}

function checkBackend({ attribute, value }: PlacedBackend, seen: Set<string>): GridError[] {
  const { address, namespace, password } = value;
  const findings: GridError[] = [];
  if (typeof address === "string" && !isSocketAddress(address)) {
    const allowed = "an IPv6 address in brackets and a port, such as [300:e9c4::1]:9900";
    findings.push(badValue({ attribute: [...attribute, "address"], given: address, allowed }));
  }
  if (typeof password === "string" && !parseSecretReference(password)) {
    findings.push(notAReference([...attribute, "password"]));
  }
  if (typeof namespace !== "string") return findings;
  if (namespace === "" || seen.has(namespace)) {
    const allowed = "a namespace that is named nowhere else in the machine";
    findings.push(badValue({ attribute: [...attribute, "namespace"], given: namespace, allowed }));
  }
  seen.add(namespace);
  return findings;
}

function isSocketAddress(text: string): boolean {
  const parts = splitHostPort(text);
  if ("problem" in parts) return false;
  const isPort = /^[1-9]\d{0,4}$/.test(parts.port) && Number(parts.port) <= 65_535;
  return isPort && parseIp(parts.host)?.length === 16;
}

/** Whether it is known how many there are; what they are may still be open. */
function isListed(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value) && value.every((item) => isObjectValue(item) || isWhollyKnown(item));
}
