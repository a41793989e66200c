import { BlockList, isIP } from "node:net";

/** Blocks nobody can dial from elsewhere: private, shared, loopback, link-local, overlay and multicast addresses. */
const UNDIALLABLE: readonly (readonly [string, number, "ipv4" | "ipv6"])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 127, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["200::", 7, "ipv6"],
  ["400::", 7, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

const blocked = new BlockList();
for (const [address, prefix, family] of UNDIALLABLE) blocked.addSubnet(address, prefix, family);

/** True for an IPv4 or IPv6 address that can be dialled from anywhere. */
export function isPublicIp(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !blocked.check(address, family === 6 ? "ipv6" : "ipv4");
}
