import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import {
  authority,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  writeCertificate,
} from "../../../core/x509/certificate";

/** A key and the certificate that goes with it, for one run of the provider. */
export interface Certificate {
  /** The private key, PKCS#8 PEM. */
  readonly key: string;
  /** The certificate, PEM. */
  readonly cert: string;
  /** The certificate, DER. */
  readonly der: Buffer;
}

const dayMs = 86_400_000;

/**
 * Makes a self-signed certificate for `localhost`, the name Terraform checks.
 *
 * @source hashicorp/go-plugin mtls.go for what the other side expects
 */
export function makeCertificate(now = new Date()): Certificate {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = { commonName: "localhost" };
  const { der, pem } = writeCertificate(
    {
      serial: serialNumber(),
      issuer: subject,
      subject,
      // The clock of the other side may be read a moment earlier.
      notBefore: new Date(now.getTime() - 30_000),
      notAfter: new Date(now.getTime() + 365 * dayMs),
      publicKey: pair.publicKey.export({ type: "spki", format: "der" }),
      extensions: [
        keyUsage("digitalSignature", "keyEncipherment", "keyAgreement", "keyCertSign"),
        extendedKeyUsage("server", "client"),
        authority(),
        subjectAltName(["localhost"]),
      ],
    },
    (body) => sign("sha256", body, pair.privateKey),
  );
  return { key: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert: pem, der };
}

/** Never zero. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) % 0x7f) + 1;
  return bytes;
}
