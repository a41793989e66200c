import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { Secret } from "../../core/secret";
import { authorityKeyId, extendedKeyUsage, keyUsage, writeCertificate } from "../../core/x509/certificate";
import { type ClusterKeys, deriveAuthority } from "../../model/kubernetes/authorities";

/** What lets somebody into a cluster. */
export interface AdminAccess {
  /** PEM of the authority that vouches for the servers. */
  readonly authority: string;
  /** PEM of the client's certificate. */
  readonly certificate: string;
  /** PEM; made for this one call. */
  readonly key: Secret;
  /** Last moment at which it lets anybody in. */
  readonly expires: Date;
}

/** Clocks of servers may be behind. */
const EARLIER_MS = 5 * 60_000;

/** Mints a certificate with which the whole cluster can be administered until it expires. */
export function mintAdmin(of: ClusterKeys, validMs: number, now = new Date()): AdminAccess {
  const issuer = deriveAuthority(of, "client-ca");
  const issuerKey = createPrivateKey(issuer.key.pem);
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const expires = new Date(now.getTime() + validMs);
  const { pem } = writeCertificate(
    {
      serial: serialNumber(),
      issuer: issuer.subject,
      // The user and group that k3s's own kubeconfig has. @source k3s, Kubernetes RBAC
      subject: { commonName: "system:admin", organization: "system:masters" },
      notBefore: new Date(now.getTime() - EARLIER_MS),
      notAfter: expires,
      publicKey: pair.publicKey.export({ type: "spki", format: "der" }),
      extensions: [
        keyUsage("digitalSignature", "keyEncipherment"),
        extendedKeyUsage("client"),
        authorityKeyId(issuer.keyId),
      ],
    },
    (body) => sign("sha256", body, issuerKey),
  );
  return {
    authority: deriveAuthority(of, "server-ca").certificate,
    certificate: pem,
    key: new Secret(pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
    expires,
  };
}

/** Never zero. */
function serialNumber(): Buffer {
  return Buffer.concat([Uint8Array.of(1), randomBytes(15)]);
}
