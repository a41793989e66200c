import { parseIp } from "./wire/ip-address";

/** Which network an IPv6 address belongs to. */
export type AddressKind = "mycelium" | "planetary" | "public";

/**
 * Tells by its first bits which network an address belongs to; undefined for any other. Nodes give the addresses of a
 * namespace in one list, in no order.
 *
 * @source facts "networking" §3: 400::/7 is mycelium, 200::/7 Yggdrasil; 2000::/3 is what the internet routes (RFC 4291)
 */
export function addressKind(text: string): AddressKind | undefined {
  const bytes = parseIp(text);
  const [first = 0] = bytes ?? [];
  if (bytes?.length !== 16) return undefined;
  if ((first & 0xfe) === 0x04) return "mycelium";
  if ((first & 0xfe) === 0x02) return "planetary";
  return (first & 0xe0) === 0x20 ? "public" : undefined;
}
