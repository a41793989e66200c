/** Machines of a cluster as their nodes start them, with the environment that KubernetesCluster gives them. */
import { Secret } from "../../lib/core/secret";
import type { MachineBoot } from "../../lib/devgrid/node/runtime/machine-host";
import { KeyDerivation } from "../../lib/model/key-derivation";
import { clusterSecret } from "../../lib/model/kubernetes/cluster-secrets";
import { fileVariable } from "../../lib/model/kubernetes/machine-env";
import { BOOT_FILES, fileSecretKind, TLS_FILES } from "../../lib/model/kubernetes/secret-names";

/** Keys of the project that the clusters belong to. */
export const clusterKeys = new KeyDerivation(new Secret("ab".repeat(32)), `0x${"22".repeat(32)}`, "shop");

/** Addresses of the servers, in order. */
export const SERVER_IPS = ["10.20.2.2", "10.20.3.2", "10.20.4.2"];

/** What may be other than usual. */
export interface BootChange {
  readonly contractId: number;
  /** @default "k8s" */
  readonly cluster?: string;
  readonly nodeId?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const secret = (kind: string, identity: string) => clusterSecret(clusterKeys, { kind, identity, version: 1 }) ?? "";

/** The server with the given number, from 1. */
export function serverBoot(position: number, { cluster = "k8s", ...change }: BootChange): MachineBoot {
  const files = [...TLS_FILES, ...BOOT_FILES];
  return boot(`server-${position}`, SERVER_IPS[position - 1] ?? "", {
    ...change,
    env: {
      ...commonEnv(cluster, `server-${position}`),
      CLUSTER_SERVER: String(position),
      K3S_URL: "",
      K3S_TOKEN: secret("k3s-token", cluster),
      K3S_AGENT_TOKEN: secret("k3s-agent-token", cluster),
      CLUSTER_NAMES: "api.example.org",
      ...Object.fromEntries(files.map((file) => [fileVariable(file), secret(fileSecretKind(file), cluster)])),
      ...change.env,
    },
  });
}

/** A worker. */
export function workerBoot(name: string, { cluster = "k8s", ...change }: BootChange): MachineBoot {
  return boot(name, `10.20.9.${change.contractId}`, {
    ...change,
    env: {
      ...commonEnv(cluster, name),
      K3S_URL: `https://${SERVER_IPS[0]}:6443`,
      K3S_TOKEN: secret("k3s-agent-token", cluster),
      ...change.env,
    },
  });
}

function commonEnv(cluster: string, machine: string) {
  return {
    CLUSTER_NAME: cluster,
    CLUSTER_SERVERS: SERVER_IPS.join(" "),
    CLUSTER_CONFIG: `disable: ["traefik"]\nnode-label: ["grid.tf/machine=${machine}"]`,
    K3S_DATA_DIR: "/mnt/data",
    K3S_NODE_NAME: machine,
    K3S_NODE_PASSWORD: secret("k3s-node-password", `${cluster}/${machine}`),
  };
}

function boot(name: string, ip: string, { contractId, nodeId = contractId, env = {} }: BootChange): MachineBoot {
  return {
    id: `1-${contractId}-${name}`,
    twinId: 1,
    contractId,
    nodeId,
    flist: "https://hub.grid.tf/tf-official-apps/threefolddev-k3s-v1.31.0.flist",
    env,
    network: "mesh",
    ip,
    mounts: { "/mnt/data": `1-${contractId}-data` },
  };
}
