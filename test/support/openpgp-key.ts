/**
 * As much of OpenPGP as a provider registry needs: an RSA key, armoured with its owner's name, and detached signatures.
 *
 * @source RFC 4880, sections 4.2, 5.2, 5.5.2, 6
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

const RSA = 1;
const SHA256 = 8;
const BINARY_DOCUMENT = 0x00;
const POSITIVE_CERTIFICATION = 0x13;

/** A key that signs what a registry serves. */
export class OpenpgpKey {
  /** 16 upper-case hex digits. */
  readonly keyId: string;
  /** ASCII-armoured public key. */
  readonly publicKey: string;
  readonly #private: KeyObject;
  readonly #createdAt = uint32(Math.floor(Date.now() / 1000) - 60);

  constructor(owner: string) {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.#private = pair.privateKey;
    const { n = "", e = "" } = pair.publicKey.export({ format: "jwk" });
    const body = Buffer.concat([Buffer.from([4]), this.#createdAt, Buffer.from([RSA]), mpi(n), mpi(e)]);
    const hashed = Buffer.concat([Buffer.from([0x99]), uint16(body.length), body]);
    this.keyId = createHash("sha1").update(hashed).digest().subarray(-8).toString("hex").toUpperCase();
    const user = Buffer.from(owner);
    const certified = Buffer.concat([hashed, Buffer.from([0xb4]), uint32(user.length), user]);
    const certification = this.#signature(POSITIVE_CERTIFICATION, certified);
    this.publicKey = armour(Buffer.concat([packet(6, body), packet(13, user), certification]));
  }

  /** A binary detached signature. */
  sign(document: Buffer): Buffer {
    return this.#signature(BINARY_DOCUMENT, document);
  }

  #signature(type: number, content: Buffer): Buffer {
    const mayCertifyAndSign = subpacket(27, Buffer.from([0x03]));
    const subpackets = Buffer.concat([subpacket(2, this.#createdAt), mayCertifyAndSign]);
    const head = Buffer.concat([Buffer.from([4, type, RSA, SHA256]), uint16(subpackets.length), subpackets]);
    const signed = Buffer.concat([content, head, Buffer.from([4, 0xff]), uint32(head.length)]);
    const issuer = subpacket(16, Buffer.from(this.keyId, "hex"));
    const check = createHash("sha256").update(signed).digest().subarray(0, 2);
    const value = mpi(sign("sha256", signed, this.#private).toString("base64url"));
    return packet(2, Buffer.concat([head, uint16(issuer.length), issuer, check, value]));
  }
}

function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xc0 | tag, 0xff]), uint32(body.length), body]);
}

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length + 1, type]), body]);
}

/** A number with its length in bits, from base64url. */
function mpi(number: string): Buffer {
  const bytes = Buffer.from(number, "base64url");
  const bare = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([uint16(bare.length * 8 - Math.clz32(bare[0] ?? 0) + 24), bare]);
}

function armour(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  const check = uint32(crc24(bytes)).subarray(1).toString("base64");
  const name = "PGP PUBLIC KEY BLOCK";
  return [`-----BEGIN ${name}-----`, "", ...lines, `=${check}`, `-----END ${name}-----`, ""].join("\n");
}

function crc24(bytes: Buffer): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

function uint16(number: number): Buffer {
  return Buffer.from([number >> 8, number & 0xff]);
}

function uint32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
