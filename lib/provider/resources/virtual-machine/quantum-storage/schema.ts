import type { Attribute, NestedType } from "../../../schema/schema";

/** A namespace that holds pieces of the data, or of the map of it. */
const backends: NestedType = {
  nesting: "list",
  attributes: {
    address: {
      type: "string",
      required: true,
      description:
        "IPv6 address and port, `[300:e9c4::1]:9900`: Yggdrasil or public. The node of the machine has to reach it, not the machine.",
    },
    namespace: { type: "string", required: true, description: "`threefold_zdb.<store>.namespace`; each one once." },
    password: {
      type: "string",
      required: true,
      description:
        "Reference to its password: `threefold_zdb.<store>.password`, `env:NAME` or `file:PATH`. The value reaches the node only.",
    },
  },
};

/** How data is cut up; all of it changes in place. */
const shards: Readonly<Record<string, Attribute>> = {
  minimal_shards: {
    type: "number",
    required: true,
    description: "Pieces needed to read an object: 1 to `expected_shards`.",
  },
  expected_shards: {
    type: "number",
    required: true,
    description: "Pieces per object, parity included: 1 to the number of backends.",
  },
  redundant_groups: {
    type: "number",
    optional: true,
    computed: true,
    description: "How many whole groups may be lost, fewer than there are. Defaults to 0.",
  },
  redundant_nodes: {
    type: "number",
    optional: true,
    computed: true,
    description: "How many backends of each group may be lost, fewer than it has. Defaults to 0.",
  },
};

/** File systems over many nodes, mounted into the machine. */
export const quantumStorageAttribute: Attribute = {
  optional: true,
  description:
    "File systems whose data is cut up, encrypted and spread over namespaces of many nodes (qsfs). All of it but the mount point and the key changes in place, without touching the machine; adding or removing one rebuilds the machine in place. A file system belongs to one machine at a time.",
  nested: {
    nesting: "list",
    attributes: {
      mount_point: { type: "string", required: true, description: "Absolute path in the machine, unique, not `/`." },
      name: {
        type: "string",
        optional: true,
        computed: true,
        description: "Which one it is from one run to the next. Defaults to one made from the mount point.",
      },
      key: {
        type: "string",
        required: true,
        description:
          "Reference to the key of data and map, which is derived from the account: `derive:qsfs-key/<storage>/<version>` (with `@<key scope>` for one of another project). Under another key what was stored cannot be read: a change is a replacement, or with `allow_data_loss` an empty file system in place. The namespaces keep what they held, and the former key finds it again.",
      },
      cache_gib: {
        type: "number",
        optional: true,
        computed: true,
        description: "SSD cache on the machine's node in GiB, 1 to 10240. Defaults to 1.",
      },
      ...shards,
      max_zdb_data_dir_size_mib: {
        type: "number",
        optional: true,
        computed: true,
        description: "MiB that are collected locally before they go to the backends: 32 to 1048576. Defaults to 512.",
      },
      metadata: {
        nested: backends,
        required: true,
        description: "Exactly four namespaces of mode `user`, for the map of the data.",
      },
      groups: {
        required: true,
        description: "Namespaces of mode `seq` for the data, in groups that fail together.",
        nested: {
          nesting: "list",
          attributes: { backends: { nested: backends, required: true, description: "At least one." } },
        },
      },
    },
  },
};
