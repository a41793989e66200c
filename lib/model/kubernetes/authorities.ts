import { createHash } from "node:crypto";
import {
  authority,
  authorityKeyId,
  type DistinguishedName,
  extendedKeyUsage,
  keyUsage,
  subjectKeyId,
  writeCertificate,
} from "../../core/x509/certificate";
import { type P256Key, p256KeyFrom, signDeterministically } from "../../core/x509/p256";
import type { KeyDerivation } from "../key-derivation";

/** Certificate authorities of a k3s cluster, each for one kind of trust. @source k3s docs, custom CA certificates */
export const AUTHORITIES = ["server-ca", "client-ca", "request-header-ca", "etcd/server-ca", "etcd/peer-ca"] as const;

/** Name of an authority: path of its files below `server/tls`, without ending. */
export type AuthorityName = (typeof AUTHORITIES)[number];

/** Whose authorities are meant. */
export interface ClusterKeys {
  /** Keys of the project. */
  readonly keys: KeyDerivation;
  /** The cluster's identity in its project. */
  readonly cluster: string;
  /** Raised for other keys; a living cluster does not survive it. */
  readonly version: number;
}

/** An authority: whoever has its key can vouch for anybody. */
export interface Authority {
  /** In its own words. */
  readonly subject: DistinguishedName;
  readonly key: P256Key;
  /** Tells its key from others. */
  readonly keyId: Buffer;
  /** Its certificate, PEM. */
  readonly certificate: string;
}

/** Fixed: k3s refuses to start with an authority that differs by a byte from the one its datastore knows. */
const VALIDITY = { notBefore: new Date("2024-01-01T00:00:00Z"), notAfter: new Date("2054-01-01T00:00:00Z") };

/**
 * An authority of a cluster. The same input gives the same bytes for ever: key, serial number and signature are derived,
 * times are fixed. A stored format: it can never change.
 */
export function deriveAuthority(of: ClusterKeys, name: AuthorityName): Authority {
  const key = clusterKey(of, name);
  const keyId = keyIdOf(key);
  const subject = { commonName: `k3s-${name.replace("/", "-")}@${keyId.toString("hex", 0, 4)}` };
  const content = {
    ...VALIDITY,
    serial: keyId.subarray(0, 16),
    issuer: subject,
    subject,
    publicKey: key.publicKey,
    extensions: [keyUsage("digitalSignature", "keyEncipherment", "keyCertSign"), authority(), subjectKeyId(keyId)],
  };
  const { pem } = writeCertificate(content, (body) => signDeterministically(key, body));
  return { subject, key, keyId, certificate: pem };
}

/** The key that signs service account tokens. */
export function deriveServiceKey(of: ClusterKeys): P256Key {
  return clusterKey(of, "service");
}

/** Certificate and key with which a server's own boot script asks the cluster it joins to forget its predecessor. */
export function deriveBootClient(of: ClusterKeys): { readonly key: P256Key; readonly certificate: string } {
  const issuer = deriveAuthority(of, "client-ca");
  const key = clusterKey(of, "boot");
  const content = {
    ...VALIDITY,
    serial: keyIdOf(key).subarray(0, 16),
    issuer: issuer.subject,
    subject: { commonName: "threefold:boot", organization: "system:masters" },
    publicKey: key.publicKey,
    extensions: [
      keyUsage("digitalSignature", "keyEncipherment"),
      extendedKeyUsage("client"),
      authorityKeyId(issuer.keyId),
    ],
  };
  const { pem } = writeCertificate(content, (body) => signDeterministically(issuer.key, body));
  return { key, certificate: pem };
}

function clusterKey({ keys, cluster, version }: ClusterKeys, name: string): P256Key {
  return p256KeyFrom(keys.bytes({ kind: "k3s-key", identity: `${cluster}/${name}`, version }, 48));
}

/** 160 bits of a hash of the key. @source RFC 7093 §2, method 4 */
function keyIdOf({ publicKey }: P256Key): Buffer {
  return createHash("sha256").update(publicKey).digest().subarray(0, 20);
}
