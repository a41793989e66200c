import { parseIp } from "../wire/ip-address";

/** Machine addresses of a /24 by their last number, both ends included. The same range is meant in every /24. */
export interface HostRange {
  readonly first: number;
  readonly last: number;
}

/** Reads `200-219`; undefined for anything but two numbers from 2 to 254, the lower one first. */
export function parseHostRange(text: string): HostRange | undefined {
  const [, from, to] = /^(\d{1,3})-(\d{1,3})$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  return first >= 2 && first <= last && last <= 254 ? { first, last } : undefined;
}

/** True when an address has its last number in the range. */
export function isInHostRange({ first, last }: HostRange, ip: string): boolean {
  const number = parseIp(ip)?.[3] ?? 0;
  return number >= first && number <= last;
}

/** True when some address would be in both. */
export function hostRangesOverlap(a: HostRange, b: HostRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}
