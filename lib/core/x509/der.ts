/** The few DER forms a certificate is made of. @source ITU-T X.690 */

/** A tag, the length of the content, the content. */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Uint8Array.of(tag), lengthBytes(body.length), body]);
}

/** SEQUENCE. */
export const sequence = (...items: readonly Uint8Array[]): Buffer => tlv(0x30, ...items);

/** SET. */
export const set = (...items: readonly Uint8Array[]): Buffer => tlv(0x31, ...items);

/** INTEGER from big-endian bytes of a number from 0: shortest form, never taken for a negative one. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  return tlv(0x02, (digits[0] ?? 0) < 0x80 ? digits : Uint8Array.of(0, ...digits));
}

/** BOOLEAN true; DER leaves false out. */
export const yes = (): Buffer => tlv(0x01, Uint8Array.of(0xff));

/** OCTET STRING. */
export const octets = (content: Uint8Array): Buffer => tlv(0x04, content);

/** BIT STRING whose last `unused` bits do not count. */
export const bits = (content: Uint8Array, unused = 0): Buffer => tlv(0x03, Uint8Array.of(unused), content);

/** UTF8String. */
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text, "utf8"));

/** A time to the second: UTCTime before 2050, GeneralizedTime from then on. @source RFC 5280 §4.1.2.5 */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
  const isShort = date.getUTCFullYear() < 2050;
  return tlv(isShort ? 0x17 : 0x18, Buffer.from(isShort ? digits.slice(2) : digits, "ascii"));
}

/** OBJECT IDENTIFIER from its dotted form. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tlv(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

function lengthBytes(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return Uint8Array.of(0x80 | bytes.length, ...bytes);
}
