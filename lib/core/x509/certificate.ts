import { bits, integer, objectId, octets, sequence, set, time, tlv, utf8, yes } from "./der";
import { pem } from "./pem";

/** Who a certificate is for, or from. */
export interface DistinguishedName {
  /** CN. */
  readonly commonName: string;
  /** O. @default none */
  readonly organization?: string;
}

/** What a certificate says, before it is signed. */
export interface CertificateContent {
  /** A number above 0, big-endian; unique among the certificates of its issuer. */
  readonly serial: Uint8Array;
  /** Who vouches for it. */
  readonly issuer: DistinguishedName;
  /** Whom it is about. */
  readonly subject: DistinguishedName;
  /** First moment of its validity, to the second. */
  readonly notBefore: Date;
  /** Last moment of its validity, to the second. */
  readonly notAfter: Date;
  /** The subject's key: SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** In this order. */
  readonly extensions: readonly Buffer[];
}

/** A signed certificate. */
export interface SignedCertificate {
  /** DER. */
  readonly der: Buffer;
  /** PEM. */
  readonly pem: string;
}

const ids = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;

/** What a key may be used for, by its bit. @source RFC 5280 §4.2.1.3 */
const USAGES = { digitalSignature: 0, keyEncipherment: 2, keyAgreement: 4, keyCertSign: 5 } as const;

/** Which side of a TLS connection a certificate is for. @source RFC 5280 §4.2.1.12 */
const PURPOSES = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" } as const;

/**
 * Writes an X.509 certificate with an ECDSA-SHA256 signature. By hand because a library for it takes longer to load than
 * everything else in the provider.
 *
 * @param sign gives the DER form of an ECDSA signature over SHA-256 of what it gets
 * @source RFC 5280
 */
export function writeCertificate(content: CertificateContent, sign: (body: Buffer) => Uint8Array): SignedCertificate {
  const algorithm = sequence(objectId(ids.ecdsaWithSha256));
  const body = sequence(
    tlv(0xa0, integer(Uint8Array.of(2))),
    integer(content.serial),
    algorithm,
    name(content.issuer),
    sequence(time(content.notBefore), time(content.notAfter)),
    name(content.subject),
    content.publicKey,
    tlv(0xa3, sequence(...content.extensions)),
  );
  const der = sequence(body, algorithm, bits(sign(body)));
  return { der, pem: pem("CERTIFICATE", der) };
}

/** May sign other certificates. */
export function authority(): Buffer {
  return extension(ids.basicConstraints, sequence(yes()), yes());
}

/** What the key may be used for. */
export function keyUsage(...usages: readonly (keyof typeof USAGES)[]): Buffer {
  const mask = usages.reduce((sum, usage) => sum | (0x80 >> USAGES[usage]), 0);
  const unused = 7 - Math.max(...usages.map((usage) => USAGES[usage]));
  return extension(ids.keyUsage, bits(Uint8Array.of(mask), unused), yes());
}

/** On which side of TLS it may stand. */
export function extendedKeyUsage(...purposes: readonly (keyof typeof PURPOSES)[]): Buffer {
  return extension(ids.extendedKeyUsage, sequence(...purposes.map((purpose) => objectId(PURPOSES[purpose]))));
}

/** Names and addresses (4 or 16 bytes) it is good for. */
export function subjectAltName(hosts: readonly string[], addresses: readonly Uint8Array[] = []): Buffer {
  const names = hosts.map((host) => tlv(0x82, Buffer.from(host, "ascii")));
  return extension(ids.subjectAltName, sequence(...names, ...addresses.map((address) => tlv(0x87, address))));
}

/** Tells the subject's key from others of the same name. */
export function subjectKeyId(id: Uint8Array): Buffer {
  return extension(ids.subjectKeyId, octets(id));
}

/** Tells the issuer's key from others of the same name. */
export function authorityKeyId(id: Uint8Array): Buffer {
  return extension(ids.authorityKeyId, sequence(tlv(0x80, id)));
}

function name({ commonName, organization }: DistinguishedName): Buffer {
  const part = (id: string, text: string) => set(sequence(objectId(id), utf8(text)));
  const parts = organization === undefined ? [] : [part(ids.organization, organization)];
  return sequence(...parts, part(ids.commonName, commonName));
}

function extension(id: string, value: Buffer, ...critical: Buffer[]): Buffer {
  return sequence(objectId(id), ...critical, octets(value));
}
