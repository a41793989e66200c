import { blake2AsU8a } from "@polkadot/util-crypto";
import type { RuntimeCall } from "../pallets/runtime";
import { runtimeCall, Timestamp } from "../pallets/runtime";
import { multiAddress, multiSignature } from "../pallets/system-types";
import { ByteReader, ByteWriter, ScaleError } from "../scale/bytes";
import type { TypeOf } from "../scale/codec";
import type { Era } from "./era";
import { decodeEra } from "./era";
import { undecodable } from "./refusal";

const SIGNED_V4 = 0x84;
const BARE_V4 = 0x04;

/** Who signed an extrinsic, and what was signed beside the call. */
export interface Signed {
  readonly address: TypeOf<typeof multiAddress>;
  readonly signature: TypeOf<typeof multiSignature>;
  readonly era: Era;
  readonly nonce: number;
  readonly tip: bigint;
  /** Era, nonce and tip as they were sent: part of the signed payload. */
  readonly extra: Uint8Array;
}

/** A decoded extrinsic. */
export interface Extrinsic {
  /** As sent, length prefix included. */
  readonly bytes: Buffer;
  /** 64 hex digits. */
  readonly hash: string;
  readonly signed: Signed | undefined;
  readonly call: RuntimeCall;
  readonly callBytes: Uint8Array;
}

/** Decodes an extrinsic. @throws {RpcRefusal} 1011 when the runtime would trap on it, over-long fields included. */
export function decodeExtrinsic(bytes: Buffer): Extrinsic {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof ScaleError) throw undecodable();
    throw error;
  }
}

/** The unsigned extrinsic every block begins with: it sets the time. */
export function timestampExtrinsic(now: number): Buffer {
  const body = new ByteWriter();
  body.uint(BigInt(BARE_V4), 1);
  runtimeCall.encode({ pallet: Timestamp.name, name: "set", args: { now } }, body);
  const out = new ByteWriter();
  const bytes = body.finish();
  out.compact(bytes.length);
  out.bytes(bytes);
  return out.finish();
}

/** 64 hex digits over bytes, as the chain hashes everything. */
export function blake2Hex(bytes: Uint8Array): string {
  return Buffer.from(blake2AsU8a(bytes)).toString("hex");
}

function decode(bytes: Buffer): Extrinsic {
  const input = new ByteReader(bytes);
  if (input.length() !== input.left) throw new ScaleError("length prefix does not fit");
  const version = input.take(1)[0];
  if (version !== SIGNED_V4 && version !== BARE_V4) throw new ScaleError(`extrinsic version ${version}`);
  const signed = version === SIGNED_V4 ? decodeSigned(input, bytes) : undefined;
  const start = input.position;
  const call = runtimeCall.decode(input);
  if (input.left > 0) throw new ScaleError(`${input.left} bytes after the call`);
  return { bytes, hash: blake2Hex(bytes), signed, call, callBytes: bytes.subarray(start) };
}

function decodeSigned(input: ByteReader, bytes: Buffer): Signed {
  const address = multiAddress.decode(input);
  const signature = multiSignature.decode(input);
  const start = input.position;
  const era = decodeEra(input);
  const nonce = Number(input.compact());
  const tip = input.compact();
  return { address, signature, era, nonce, tip, extra: bytes.subarray(start, input.position) };
}

/** What a signature is made over: hashed first when it is longer than 256 bytes. */
export function signedPayload(extrinsic: Extrinsic, signed: Signed, fixed: Uint8Array): Uint8Array {
  const payload = Buffer.concat([extrinsic.callBytes, signed.extra, fixed]);
  return payload.length > 256 ? blake2AsU8a(payload) : payload;
}

/** What every signature covers beside call and extras: versions, genesis and the block the era begins with. */
export function fixedPayload(
  versions: readonly [spec: number, transaction: number],
  hashes: readonly string[],
): Buffer {
  const out = new ByteWriter();
  for (const version of versions) out.uint(BigInt(version), 4);
  for (const hash of hashes) out.bytes(Buffer.from(hash, "hex"));
  return out.finish();
}
