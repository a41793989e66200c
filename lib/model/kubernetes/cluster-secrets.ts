import type { KeyDerivation } from "../key-derivation";
import {
  type AuthorityName,
  type ClusterKeys,
  deriveAuthority,
  deriveBootClient,
  deriveServiceKey,
} from "./authorities";
import { BOOT_FILES, CLUSTER_PASSWORDS, type ClusterFile, fileSecretKind, TLS_FILES } from "./secret-names";

/** Which secret of a cluster is meant. */
export interface ClusterSecretName {
  /** One of CLUSTER_SECRET_KINDS. */
  readonly kind: string;
  /** The cluster; of a node password the machine. */
  readonly identity: string;
  /** Raised to rotate. */
  readonly version: number;
}

/** The value of a cluster's secret; undefined for a kind that is none. */
export function clusterSecret(keys: KeyDerivation, { kind, identity, version }: ClusterSecretName): string | undefined {
  const password = CLUSTER_PASSWORDS.find((name) => name === kind);
  if (password) return keys.password({ kind: password, identity, version }).reveal();
  const file = [...TLS_FILES, ...BOOT_FILES].find((name) => fileSecretKind(name) === kind);
  return file && contentOf(file, { keys, cluster: identity, version });
}

function contentOf(file: ClusterFile, of: ClusterKeys): string {
  if (file === "service.key") return deriveServiceKey(of).pem;
  if (file === "boot.crt") return deriveBootClient(of).certificate;
  if (file === "boot.key") return deriveBootClient(of).key.pem;
  const { certificate, key } = deriveAuthority(of, file.slice(0, -".crt".length) as AuthorityName);
  return file.endsWith(".crt") ? certificate : key.pem;
}
