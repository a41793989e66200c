import type { ClusterFile } from "./secret-names";

/**
 * Environment of a machine of a cluster, beside what k3s itself reads (`K3S_…`): for the boot script, and for whoever
 * finds a cluster by its machines. A stored format: state files hold it.
 */
export const CLUSTER_ENV = {
  /** User's name for the cluster. */
  name: "CLUSTER_NAME",
  /** Private addresses of all servers, in order, with blanks between. */
  servers: "CLUSTER_SERVERS",
  /** Which of them this machine is, from 1; missing on workers. */
  server: "CLUSTER_SERVER",
  /** Set on a server that was replaced on request: there is a cluster, and it should wait long for it. */
  replaced: "CLUSTER_REPLACED",
  /** Where the API is reached from outside, `host` or `host:port`; missing when there is nothing but the servers. */
  endpoint: "CLUSTER_ENDPOINT",
  /** Names the API is reached by, with blanks between; servers only. */
  names: "CLUSTER_NAMES",
  /** Configuration of k3s, YAML. */
  config: "CLUSTER_CONFIG",
  /** Configuration of image registries, YAML; missing when there is none. */
  registries: "CLUSTER_REGISTRIES",
  /** Names of manifests, with blanks between; missing when there are none. */
  manifests: "CLUSTER_MANIFESTS",
  /** The boot script. */
  boot: "CLUSTER_BOOT",
} as const;

/** Environment that k3s or the start script of its image reads. @source facts of the k3s image */
export const K3S_ENV = {
  /** Empty on servers: that is how the image tells them from workers. */
  url: "K3S_URL",
  token: "K3S_TOKEN",
  /** What workers have as their token; servers only. */
  agentToken: "K3S_AGENT_TOKEN",
  dataDir: "K3S_DATA_DIR",
  flannelInterface: "K3S_FLANNEL_IFACE",
  nodeName: "K3S_NODE_NAME",
  /** Ours: the boot script writes it to a file. */
  nodePassword: "K3S_NODE_PASSWORD",
} as const;

/** Label of every node: the name of its machine, which stays when the machine is replaced. */
export const MACHINE_LABEL = "grid.tf/machine";

/** Port of the API server. */
export const API_PORT = 6443;

/** Variable that holds a file: `CLUSTER_TLS_ETCD_PEER_CA_CRT`. */
export function fileVariable(file: ClusterFile): string {
  return `CLUSTER_TLS_${file.toUpperCase().replace(/[./-]/g, "_")}`;
}

/** Variable that holds a manifest: `CLUSTER_MANIFEST_CERT_MANAGER`. */
export function manifestVariable(name: string): string {
  return `CLUSTER_MANIFEST_${name.toUpperCase().replaceAll("-", "_")}`;
}
