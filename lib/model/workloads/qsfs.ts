import { GIB } from "../../core/units";
import { hexBytes, listOf, struct, text, unsigned, unsigned64 } from "../wire/reader";
import type { WorkloadModel } from "./workload";

/**
 * A file system spread over namespaces of many nodes, mounted into a machine of the same deployment.
 *
 * @source zosbase pkg/gridtypes/zos/qsfs.go
 */
export interface Qsfs {
  /** SSD cache in bytes. */
  readonly cache: number;
  /** How data is cut up and where it goes. */
  readonly config: QsfsConfig;
}

/** How data is cut up and where it goes. */
export interface QsfsConfig {
  /** Pieces needed to read an object; never above `expected_shards`. */
  readonly minimal_shards: number;
  /** Pieces per object, parity included. */
  readonly expected_shards: number;
  /** How many whole groups may be lost. */
  readonly redundant_groups: number;
  /** How many backends of each group may be lost. */
  readonly redundant_nodes: number;
  /** MiB that the local store holds before it is flushed. */
  readonly max_zdb_data_dir_size: number;
  /** Encryption of the data. */
  readonly encryption: QsfsEncryption;
  /** Where the map of the data is kept. */
  readonly meta: { readonly type: string; readonly config: QsfsMetaConfig };
  /** Namespaces for the data, in groups that fail together. */
  readonly groups: readonly { readonly backends: readonly QsfsBackend[] }[];
  /** Practically always `snappy`. */
  readonly compression: { readonly algorithm: string };
}

/** Where the map of the data is kept. */
export interface QsfsMetaConfig {
  /** Free text. */
  readonly prefix: string;
  /** Encryption of the map. */
  readonly encryption: QsfsEncryption;
  /** Namespaces of mode `user`; official clients give four. */
  readonly backends: readonly QsfsBackend[];
}

/** How something is encrypted. */
export interface QsfsEncryption {
  /** `AES`. */
  readonly algorithm: string;
  /** 64 hexadecimal digits, lower-cased. */
  readonly key: string;
}

/** One namespace. */
export interface QsfsBackend {
  /** `[ip]:port`. */
  readonly address: string;
  /** Name to select. */
  readonly namespace: string;
  /** Its password. */
  readonly password: string;
}

/** Facts of a running file system. */
export interface QsfsResult {
  /** Where it is mounted on the node. */
  readonly path: string;
  /** URL of its metrics. */
  readonly metrics_endpoint: string;
}

const readEncryption = struct<QsfsEncryption>({ algorithm: text, key: hexBytes });
const readBackends = listOf(struct<QsfsBackend>({ address: text, namespace: text, password: text }));

const readConfig = struct<QsfsConfig>({
  minimal_shards: unsigned(32),
  expected_shards: unsigned(32),
  redundant_groups: unsigned(32),
  redundant_nodes: unsigned(32),
  max_zdb_data_dir_size: unsigned(32),
  encryption: readEncryption,
  meta: struct<QsfsConfig["meta"]>({
    type: text,
    config: struct<QsfsMetaConfig>({ prefix: text, encryption: readEncryption, backends: readBackends }),
  }),
  groups: listOf(struct<QsfsConfig["groups"][number]>({ backends: readBackends })),
  compression: struct<QsfsConfig["compression"]>({ algorithm: text }),
});

/** Distributed file systems as the node sees them. */
export const qsfs: WorkloadModel<"qsfs"> = {
  read: struct<Qsfs>({ cache: unsigned64, config: readConfig }),
  readResult: struct<QsfsResult>({ path: text, metrics_endpoint: text }),
  validate: ({ config }) =>
    config.minimal_shards > config.expected_shards ? "minimal shards can't be greater than expected shards" : undefined,
  // The container that serves it takes one core and 1 GiB of the node.
  capacity: ({ cache }) => ({ cru: 1, mru: GIB, sru: cache, hru: 0, ipv4u: 0 }),
  challenge: ({ cache, config }) => `${cache}${configChallenge(config)}`,
};

function configChallenge(config: QsfsConfig): string {
  const { meta } = config;
  return [
    config.minimal_shards,
    config.expected_shards,
    config.redundant_groups,
    config.redundant_nodes,
    config.max_zdb_data_dir_size,
    encryptionChallenge(config.encryption),
    meta.type,
    meta.config.prefix,
    encryptionChallenge(meta.config.encryption),
    backendsChallenge(meta.config.backends),
    ...config.groups.map((group) => backendsChallenge(group.backends)),
    config.compression.algorithm,
  ].join("");
}

function encryptionChallenge({ algorithm, key }: QsfsEncryption): string {
  return `${algorithm}${key.toLowerCase()}`;
}

function backendsChallenge(backends: readonly QsfsBackend[]): string {
  return backends.map(({ address, namespace, password }) => `${address}${namespace}${password}`).join("");
}
