/** Passwords of a cluster. */
export const CLUSTER_PASSWORDS = ["k3s-token", "k3s-agent-token", "k3s-node-password"] as const;

/**
 * Files below `server/tls` that a server is given; k3s makes every other certificate from them.
 *
 * @source k3s docs, custom CA certificates
 */
export const TLS_FILES = [
  "server-ca.crt",
  "server-ca.key",
  "client-ca.crt",
  "client-ca.key",
  "request-header-ca.crt",
  "request-header-ca.key",
  "etcd/server-ca.crt",
  "etcd/server-ca.key",
  "etcd/peer-ca.crt",
  "etcd/peer-ca.key",
  "service.key",
] as const;

/** Client certificate of a server's boot script, and its key. */
export const BOOT_FILES = ["boot.crt", "boot.key"] as const;

/** A file whose content is derived. */
export type ClusterFile = (typeof TLS_FILES | typeof BOOT_FILES)[number];

/** Kind of reference to the content of a file: `k3s-etcd-peer-ca-crt`. */
export function fileSecretKind(file: ClusterFile): string {
  return `k3s-${file.replace(/[./]/g, "-")}`;
}

/** Every kind of derived secret that a machine of a cluster may refer to. */
export const CLUSTER_SECRET_KINDS: readonly string[] = [
  ...CLUSTER_PASSWORDS,
  ...[...TLS_FILES, ...BOOT_FILES].map(fileSecretKind),
];
