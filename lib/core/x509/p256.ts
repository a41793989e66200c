import { createECDH, createHash, createHmac } from "node:crypto";
import { bits, integer, objectId, octets, sequence, tlv } from "./der";
import { pem } from "./pem";

/** A P-256 key in every form that is needed of it. */
export interface P256Key {
  /** 32 bytes, big-endian, from 1 to the order of the curve less 1. */
  readonly scalar: Buffer;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** SEC 1 PEM, as k3s writes its own keys. */
  readonly pem: string;
}

/** Order of the curve. @source FIPS 186-4 D.1.2.3 */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Bytes of a scalar and of a coordinate. */
const SIZE = 32;

/** Makes a key from bytes that are derived elsewhere: 48 of them, so that every key is as likely as every other. */
export function p256KeyFrom(bytes: Uint8Array): P256Key {
  const scalar = toBytes((toNumber(bytes) % (ORDER - 1n)) + 1n);
  const point = bits(pointOf(scalar));
  const curve = objectId("1.2.840.10045.3.1.7");
  const publicKey = sequence(sequence(objectId("1.2.840.10045.2.1"), curve), point);
  const version = integer(Uint8Array.of(1));
  const sec1 = sequence(version, octets(scalar), tlv(0xa0, curve), tlv(0xa1, point));
  return { scalar, publicKey, pem: pem("EC PRIVATE KEY", sec1) };
}

/**
 * The one ECDSA-SHA256 signature that RFC 6979 gives for a key and a message, in DER: signing twice gives the same bytes.
 * The curve is node's; only the choice of the nonce is here, because node draws it at random and a library with a curve
 * of its own costs a tenth of a second at its first signature. Not in constant time: for keys and messages of one's own.
 *
 * @source RFC 6979 §3.2
 */
export function signDeterministically({ scalar }: Pick<P256Key, "scalar">, message: Uint8Array): Buffer {
  const digest = createHash("sha256").update(message).digest();
  const nonces = nonceSource(scalar, toBytes(toNumber(digest) % ORDER));
  for (;;) {
    const nonce = nonces();
    const r = toNumber(pointOf(toBytes(nonce)).subarray(1, 1 + SIZE)) % ORDER;
    const s = (power(nonce, ORDER - 2n) * (toNumber(digest) + r * toNumber(scalar))) % ORDER;
    if (r !== 0n && s !== 0n) return sequence(integer(toBytes(r)), integer(toBytes(s)));
  }
}

/** Candidates for the nonce, one after the other. */
function nonceSource(scalar: Buffer, digest: Buffer): () => bigint {
  let key = Buffer.alloc(SIZE, 0);
  let value = Buffer.alloc(SIZE, 1);
  const hmac = (...parts: readonly Uint8Array[]) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();
  const mix = (...parts: readonly Uint8Array[]) => {
    key = hmac(value, ...parts);
    value = hmac(value);
  };
  mix(Uint8Array.of(0), scalar, digest);
  mix(Uint8Array.of(1), scalar, digest);
  return () => {
    for (;;) {
      value = hmac(value);
      const candidate = toNumber(value);
      mix(Uint8Array.of(0));
      if (candidate > 0n && candidate < ORDER) return candidate;
    }
  };
}

/** The uncompressed public point of a scalar. */
function pointOf(scalar: Buffer): Buffer {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(scalar);
  return curve.getPublicKey();
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [square, left] = [base % ORDER, exponent]; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % ORDER;
    square = (square * square) % ORDER;
  }
  return result;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function toBytes(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(2 * SIZE, "0"), "hex");
}
