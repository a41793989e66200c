/**
 * IP addresses and CIDR blocks, read and printed exactly as the node does: the printed form is what is hashed.
 *
 * @source Go net.ParseIP, net.ParseCIDR and their String methods, which zosbase pkg/gridtypes uses
 */

/** What the node prints, and hashes, for an address or block that was left out. */
const NIL_ADDRESS = "<nil>";

/** A block: the address keeps its host bits (`10.20.2.7/24` stays that). */
export interface Cidr {
  /** 4 bytes for IPv4, 16 for IPv6. */
  readonly bytes: Uint8Array;
  /** Length of the network part in bits, 0–32 or 0–128. */
  readonly prefix: number;
}

/** Reads an address: 4 bytes for IPv4 (also for `::ffff:a.b.c.d`), 16 for IPv6; undefined when it is none. Zones are refused. */
export function parseIp(text: string): Uint8Array | undefined {
  const bytes = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return bytes && isMappedIpv4(bytes) ? bytes.subarray(12) : bytes;
}

/** Reads `address/length`; undefined when it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = "", length = "", ...rest] = text.split("/");
  if (rest.length > 0 || !/^\d{1,7}$/.test(length)) return undefined;
  const bytes = address.includes(":") ? parseIpv6(address) : parseIpv4(address);
  const prefix = Number(length);
  if (!bytes || prefix > bytes.length * 8) return undefined;
  // A mapped IPv4 block keeps only what of its length reaches into the last 32 bits.
  return isMappedIpv4(bytes) ? { bytes: bytes.subarray(12), prefix: Math.max(0, prefix - 96) } : { bytes, prefix };
}

/** Prints an address: IPv4 dotted, IPv6 lower case with the longest (first of equal) run of zeros compressed. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  const run = longestZeroRun(groups);
  const print = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (run.length < 2) return print(groups);
  return `${print(groups.slice(0, run.start))}::${print(groups.slice(run.start + run.length))}`;
}

/** Prints a block. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr.bytes)}/${cidr.prefix}`;
}

/** The text that is hashed for an address, whatever way it was written. */
export function hashedIp(text: string): string {
  const bytes = parseIp(text);
  return bytes ? formatIp(bytes) : text || NIL_ADDRESS;
}

/** The text that is hashed for a block, whatever way it was written. */
export function hashedCidr(text: string): string {
  const cidr = parseCidr(text);
  return cidr ? formatCidr(cidr) : text || NIL_ADDRESS;
}

/** True when the address lies in the block; addresses of the other family never do. */
export function cidrContains(cidr: Cidr, address: Uint8Array): boolean {
  if (cidr.bytes.length !== address.length) return false;
  return cidr.bytes.every((byte, i) => {
    const bits = Math.min(8, Math.max(0, cidr.prefix - 8 * i));
    const mask = (0xff << (8 - bits)) & 0xff;
    return (byte & mask) === ((address[i] ?? 0) & mask);
  });
}

/** True when two blocks have an address in common. */
export function cidrsMeet(a: Cidr, b: Cidr): boolean {
  return cidrContains(a, b.bytes) || cidrContains(b, a.bytes);
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback(bytes: Uint8Array): boolean {
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, i) => byte === (i === 15 ? 1 : 0));
}

function isMappedIpv4(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
}

/** Four decimal fields without leading zeros. */
function parseIpv4(text: string): Uint8Array | undefined {
  const fields = text.split(".");
  if (fields.length !== 4 || !fields.every((field) => /^(0|[1-9]\d{0,2})$/.test(field) && Number(field) <= 255)) {
    return undefined;
  }
  return Uint8Array.from(fields, Number);
}

/** Eight hexadecimal groups, one run of zero groups may be `::`, the last two may be dotted IPv4. */
function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, i) => parseGroups(half, i === halves.length - 1));
  if (!head) return undefined;
  if (halves.length === 1) return head.length === 16 ? Uint8Array.from(head) : undefined;
  if (!tail || head.length + tail.length > 14) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]);
}

/** Bytes of colon separated groups; an empty text is no group. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const fields = text.split(":");
  const bytes: number[] = [];
  for (const [i, field] of fields.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(field)) {
      const group = Number.parseInt(field, 16);
      bytes.push(group >> 8, group & 0xff);
      continue;
    }
    const ipv4 = mayEndInIpv4 && i === fields.length - 1 ? parseIpv4(field) : undefined;
    if (!ipv4) return undefined;
    bytes.push(...ipv4);
  }
  return bytes;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i + 1 - length, length };
  }
  return best;
}
