import { GIB } from "../../../../core/units";
import type { WantedWorkload } from "../../../../engine/deployment-target";
import type { Deployment } from "../../../../model/deployment";
import { toWorkloadName } from "../../../../model/identity";
import type { Qsfs, QsfsBackend, QsfsEncryption } from "../../../../model/workloads/qsfs";
import { resultOf } from "../../../../model/workloads/registry";
import type { ExclusiveUse } from "../../../deployment/deployment-kind";
import type { SecretResolver } from "../../../deployment/secret-resolver";
import type { Attributes } from "../../../schema/attributes";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "../../../schema/value";
import { backendsOf } from "./backends";
import { notAStorageKey, parseStorageKey, type StorageKey } from "./key";

/** Name of the attribute. */
const LIST = "quantum_storage";

/** Fills in the defaults of what is configured. */
export function completeQuantumStorage(items: Value): Value {
  if (!Array.isArray(items)) return items;
  return items.map((item) =>
    isObjectValue(item)
      ? {
          ...item,
          name: item.name ?? nameFrom(item.mount_point ?? null),
          cache_gib: item.cache_gib ?? 1,
          redundant_groups: item.redundant_groups ?? 0,
          redundant_nodes: item.redundant_nodes ?? 0,
          max_zdb_data_dir_size_mib: item.max_zdb_data_dir_size_mib ?? 512,
        }
      : item,
  );
}

/** The mount point makes the name, not the place in the list. */
function nameFrom(mount: Value): Value {
  return typeof mount === "string" ? toWorkloadName(`qsfs${mount}`) : UNKNOWN;
}

/** The file systems of a machine as its node is told. */
export function quantumStorageWorkloads(attributes: Attributes, secrets: SecretResolver): WantedWorkload[] {
  return attributes.objects(LIST).map((item) => ({
    name: item.requireText("name"),
    type: "qsfs",
    metadata: "",
    description: "",
    data: fileSystem(item, secrets),
  }));
}

function fileSystem(item: Attributes, secrets: SecretResolver): Qsfs {
  const name = item.requireText("name");
  const text = item.requireText("key");
  const key = parseStorageKey(text);
  if (!key) throw notAStorageKey([LIST, name, "key"]);
  const encryption: QsfsEncryption = { algorithm: "AES", key: secrets.resolve(`${LIST}.${name}.key`, text) };
  const backends = (owner: Attributes, list: string) => owner.objects(list).map((each) => backend(each, name, secrets));
  return {
    cache: item.requireNumber("cache_gib") * GIB,
    config: {
      minimal_shards: item.requireNumber("minimal_shards"),
      expected_shards: item.requireNumber("expected_shards"),
      redundant_groups: item.requireNumber("redundant_groups"),
      redundant_nodes: item.requireNumber("redundant_nodes"),
      max_zdb_data_dir_size: item.requireNumber("max_zdb_data_dir_size_mib"),
      encryption,
      meta: { type: "zdb", config: { prefix: prefixFor(key), encryption, backends: backends(item, "metadata") } },
      groups: item.objects("groups").map((group) => ({ backends: backends(group, "backends") })),
      compression: { algorithm: "snappy" },
    },
  };
}

/** Each key has a map of its own, so that a new key does not stumble over entries it cannot read. */
function prefixFor({ identity, version }: StorageKey): string {
  return toWorkloadName(`${identity}_${version}`);
}

function backend(item: Attributes, storage: string, secrets: SecretResolver): QsfsBackend {
  const namespace = item.requireText("namespace");
  const password = secrets.resolve(`${LIST}.${storage}.${namespace}`, item.requireText("password"));
  return { address: item.requireText("address"), namespace, password };
}

/** Where each file system tells its measurements, by its name; null without any. */
export function readMetrics({ workloads }: Deployment): Value {
  const endpoints = workloads.flatMap((workload) =>
    workload.type === "qsfs" ? [[workload.name, resultOf(workload)?.metrics_endpoint ?? ""]] : [],
  );
  return endpoints.length > 0 ? Object.fromEntries(endpoints) : null;
}

/** Two machines that write to one namespace destroy each other's data. */
export function namespacesInUse(values: ObjectValue): ExclusiveUse[] {
  const items = values[LIST];
  if (!Array.isArray(items)) return [];
  return items.flatMap((item, index) =>
    backendsOf(item, [LIST, index]).flatMap(({ attribute, value: { namespace } }) =>
      typeof namespace === "string"
        ? [{ thing: `namespace ${namespace}`, attribute: [...attribute, "namespace"], given: namespace }]
        : [],
    ),
  );
}
