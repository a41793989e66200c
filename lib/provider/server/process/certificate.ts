import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { bits, integer, objectId, octets, sequence, set, tlv, utcTime, utf8, yes } from "./der";

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
const ids = {
  commonName: "2.5.4.3",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;

/**
 * Makes a self-signed certificate for `localhost`, the name Terraform checks. Written by hand because a library for it
 * takes longer to load than everything else in this process.
 *
 * @source hashicorp/go-plugin mtls.go for what the other side expects; RFC 5280 for the form
 */
export function makeCertificate(now = new Date()): Certificate {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKey = pair.publicKey.export({ type: "spki", format: "der" });
  const algorithm = sequence(objectId(ids.ecdsaWithSha256));
  const name = sequence(set(sequence(objectId(ids.commonName), utf8("localhost"))));
  const body = sequence(
    tlv(0xa0, integer(Uint8Array.of(2))),
    integer(serialNumber()),
    algorithm,
    name,
    // The clock of the other side may be read a moment earlier.
    sequence(utcTime(new Date(now.getTime() - 30_000)), utcTime(new Date(now.getTime() + 365 * dayMs))),
    name,
    publicKey,
    extensions(),
  );
  const der = sequence(body, algorithm, bits(sign("sha256", body, pair.privateKey)));
  return { key: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert: pem(der), der };
}

function extensions(): Buffer {
  const extension = (id: string, value: Buffer, ...critical: Buffer[]) =>
    sequence(objectId(id), ...critical, octets(value));
  const usages = sequence(objectId(ids.serverAuth), objectId(ids.clientAuth));
  return tlv(
    0xa3,
    sequence(
      // digitalSignature, keyEncipherment, keyAgreement, keyCertSign: bits 0, 2, 4 and 5.
      extension(ids.keyUsage, bits(Uint8Array.of(0b1010_1100), 2), yes()),
      extension(ids.extendedKeyUsage, usages),
      extension(ids.basicConstraints, sequence(yes()), yes()),
      extension(ids.subjectAltName, sequence(tlv(0x82, Buffer.from("localhost", "ascii")))),
    ),
  );
}

/** Positive and without a leading zero byte, as DER wants it. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) % 0x7f) + 1;
  return bytes;
}

/** Lines of 64 characters and never an empty one: OpenSSL refuses a certificate with an empty line. */
function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
