import type { ByteReader } from "../scale/bytes";
import { ScaleError } from "../scale/bytes";

/** For which blocks an extrinsic is valid: for ever, or a period from a block on. */
export type Era =
  | { readonly kind: "immortal" }
  | { readonly kind: "mortal"; readonly period: number; readonly phase: number };

/** Reads an era: one zero byte, or two bytes of period and phase. */
export function decodeEra(input: ByteReader): Era {
  const first = input.take(1)[0] ?? 0;
  if (first === 0) return { kind: "immortal" };
  const encoded = first + ((input.take(1)[0] ?? 0) << 8);
  const period = 2 << (encoded & 15);
  const phase = (encoded >> 4) * Math.max(period >> 12, 1);
  if (period < 4 || phase >= period) throw new ScaleError("no era");
  return { kind: "mortal", period, phase };
}

/** Number of the block an era begins with, seen from a block; its hash is signed. 0 for an immortal one. */
export function birthOf(era: Era, current: number): number {
  if (era.kind === "immortal") return 0;
  const { period, phase } = era;
  return Math.floor((Math.max(current, phase) - phase) / period) * period + phase;
}

/** Number of the first block after an era, seen from a block in it. */
export function deathOf(era: Era, current: number): number {
  return era.kind === "immortal" ? Number.POSITIVE_INFINITY : birthOf(era, current) + era.period;
}
