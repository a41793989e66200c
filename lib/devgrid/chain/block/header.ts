import { ByteWriter } from "../scale/bytes";
import { blake2Hex } from "./extrinsic";

/** Head of a block; hashes are 64 hex digits. */
export interface Header {
  readonly parentHash: string;
  readonly number: number;
  readonly stateRoot: string;
  readonly extrinsicsRoot: string;
  /** Encoded log entries, hex: the author's slot. */
  readonly logs: readonly string[];
}

/** Milliseconds of a slot. @source tfchain runtime */
const SLOT_MS = 6000;

/** The hash of a block: blake2-256 over its encoded header. */
export function hashHeader(header: Header): string {
  const out = new ByteWriter();
  out.bytes(Buffer.from(header.parentHash, "hex"));
  out.compact(header.number);
  out.bytes(Buffer.from(header.stateRoot, "hex"));
  out.bytes(Buffer.from(header.extrinsicsRoot, "hex"));
  out.compact(header.logs.length);
  for (const log of header.logs) out.bytes(Buffer.from(log, "hex"));
  return blake2Hex(out.finish());
}

/** The log entry by which Aura names the slot of a block. */
export function slotLog(nowMs: number): string {
  const PRE_RUNTIME = 6n;
  const out = new ByteWriter();
  out.uint(PRE_RUNTIME, 1);
  out.bytes(Buffer.from("aura"));
  out.compact(8);
  out.uint(BigInt(Math.floor(nowMs / SLOT_MS)), 8);
  return out.finish().toString("hex");
}
