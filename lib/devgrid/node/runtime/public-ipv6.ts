import { createHash } from "node:crypto";
import { formatIp, parseIp } from "../../../model/wire/ip-address";
import type { NodeHardware } from "../hardware";

/** A public IPv6 address that the node has itself, from its public config or its network card. */
export function ownIpv6(hardware: NodeHardware): string | undefined {
  const configured = hardware.publicConfig?.ip6.split("/")[0];
  const candidates = configured ? [configured] : hardware.interfaces.zos;
  return candidates.find((address) => isGlobalIpv6(address));
}

/**
 * The address that an interface beside the node's own gives itself: the node's /64 and digits made of the interface's
 * hardware address, which is made of its name. Undefined when the node has no public IPv6.
 *
 * @source zosbase pkg/primitives/pubip and pkg/network/ifaceutil/mac.go (node source)
 */
export function publicIpv6Of(hardware: NodeHardware, interfaceName: string): string | undefined {
  const own = parseIp(ownIpv6(hardware) ?? "");
  if (!own) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = createHash("md5").update(interfaceName).digest();
  // 0x06 is a locally administered unicast address (0x04 here) with the bit that IPv6 flips.
  return formatIp(Uint8Array.from([...own.subarray(0, 8), 0x06, a, b, 0xff, 0xfe, c, d, e]));
}

/** 2000::/3, so neither unique local nor link local nor an overlay. */
function isGlobalIpv6(address: string): boolean {
  const bytes = parseIp(address);
  return bytes?.length === 16 && ((bytes[0] ?? 0) & 0xe0) === 0x20;
}
