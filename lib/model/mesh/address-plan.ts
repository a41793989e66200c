/**
 * Which addresses a mesh may use and hands out: a private /16 as a whole, a /24 per node and per user access point, and
 * .2 to .254 of a /24 for machines.
 */
import { GridError } from "../../core/errors";
import { type Cidr, cidrContains, formatCidr, formatIp, parseCidr, parseIp } from "../wire/ip-address";

/** 100.64.0.0/16: the WireGuard addresses of every mesh, see `wireguardAddress`. */
export const TRANSIT_RANGE = "100.64.0.0/16";

/** Third octets 0 and 1 are never used; 255 neither. @source official clients */
const FIRST_SUBNET = 2;
const LAST_SUBNET = 254;

/** .1 is the node itself, gateway of all machines. @source zosbase pkg/network/nr */
const FIRST_MACHINE = 2;
const LAST_MACHINE = 254;

const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** Ranges that something else in a mesh already uses. */
const OCCUPIED_RANGES: readonly (readonly [range: string, use: string])[] = [
  ["100.64.0.0/10", "the WireGuard addresses of the mesh"],
  ["10.42.0.0/16", "k3s pods"],
  ["10.43.0.0/16", "k3s services"],
];

/** What the official TypeScript client takes for private. @source private-ip 2.3, used by grid_client */
const OFFICIALLY_PRIVATE = [
  ...PRIVATE_RANGES,
  ...["0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24"],
  ...["192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4"],
];

/**
 * Why a range cannot be the range of a mesh, as the end of a sentence; undefined when it can. Stricter than the official
 * clients: ranges that collide with the mesh itself or with Kubernetes are refused as well.
 */
export function ipRangeProblem(ipRange: string): string | undefined {
  const range = parseCidr(ipRange);
  if (range?.bytes.length !== 4 || range.prefix !== 16)
    return "is not an IPv4 block of length /16, such as 10.20.0.0/16";
  if (range.bytes[2] !== 0 || range.bytes[3] !== 0) {
    return `has host bits; write ${range.bytes[0]}.${range.bytes[1]}.0.0/16`;
  }
  const occupied = OCCUPIED_RANGES.find(([occupiedRange]) => isWithin(occupiedRange, range));
  if (occupied) return `is within ${occupied[0]}, which ${occupied[1]} use`;
  if (!PRIVATE_RANGES.some((each) => isWithin(each, range)))
    return `is not private; use one within ${PRIVATE_RANGES.join(", ")}`;
  return undefined;
}

/** Whether the official TypeScript client would take the range: a /16 whose address it calls private. */
export function isAcceptedByOfficialClient(ipRange: string): boolean {
  const range = parseCidr(ipRange);
  if (range?.bytes.length !== 4 || range.prefix !== 16) return false;
  // It asks about the address alone: 192.0.0.0/16 passes, because 192.0.0.0 lies in 192.0.0.0/24.
  return OFFICIALLY_PRIVATE.some((each) => cidrContains(requireIpv4Block(each), range.bytes));
}

/**
 * The lowest /24 that overlaps nothing reserved.
 *
 * @param block the range of the mesh, or a part of it
 * @throws {GridError} TFG_MESH_FULL when none is left.
 */
export function lowestFreeSubnet(block: string, reserved: readonly string[]): string {
  const within = requireIpv4Block(block);
  const taken = reserved.map(requireIpv4Block);
  for (let third = FIRST_SUBNET; third <= LAST_SUBNET; third++) {
    const subnet = { bytes: Uint8Array.of(within.bytes[0] ?? 0, within.bytes[1] ?? 0, third, 0), prefix: 24 };
    const isInside = within.prefix <= 24 && cidrContains(within, subnet.bytes);
    if (isInside && !taken.some((each) => overlap(each, subnet))) return formatCidr(subnet);
  }
  throw meshFull(block, reserved.length);
}

/**
 * The lowest machine address of a /24 that is not reserved.
 *
 * @param isOffered whether an address may be given out at all. Defaults to all of them.
 * @throws {GridError} TFG_SUBNET_FULL when none is left.
 */
export function lowestFreeMachineIp(
  subnet: string,
  reserved: readonly string[],
  isOffered: (ip: string) => boolean = () => true,
): string {
  const { bytes } = requireIpv4Block(subnet);
  const taken = new Set(reserved);
  for (let last = FIRST_MACHINE; last <= LAST_MACHINE; last++) {
    const ip = formatIp(Uint8Array.of(...bytes.subarray(0, 3), last));
    if (!taken.has(ip) && isOffered(ip)) return ip;
  }
  throw subnetFull(subnet);
}

/** True when a machine may have the address: in the /24 and neither network, gateway nor broadcast. */
export function isMachineIp(subnet: string, ip: string): boolean {
  const bytes = parseIp(ip);
  const last = bytes?.[3] ?? 0;
  return (
    bytes?.length === 4 &&
    cidrContains(requireIpv4Block(subnet), bytes) &&
    last >= FIRST_MACHINE &&
    last <= LAST_MACHINE
  );
}

/** The four numbers of an IPv4 block and its length. */
export function requireIpv4Block(block: string): Cidr {
  const cidr = parseCidr(block);
  if (cidr?.bytes.length !== 4) throw badBlock(block);
  return cidr;
}

function isWithin(range: string, inner: Cidr): boolean {
  const outer = requireIpv4Block(range);
  return outer.prefix <= inner.prefix && cidrContains(outer, inner.bytes);
}

function overlap(a: Cidr, b: Cidr): boolean {
  return a.prefix <= b.prefix ? cidrContains(a, b.bytes) : cidrContains(b, a.bytes);
}

function meshFull(block: string, reserved: number): GridError {
  return new GridError({
    code: "TFG_MESH_FULL",
    summary: `No free /24 is left in ${block}.`,
    facts: { "address block": block, "subnets in use": reserved },
    remedy: "remove nodes or access points from the mesh, or make a second mesh with another range.",
  });
}

function subnetFull(subnet: string): GridError {
  return new GridError({
    code: "TFG_SUBNET_FULL",
    summary: `No free machine address is left in ${subnet}.`,
    facts: { subnet, "machine addresses": LAST_MACHINE - FIRST_MACHINE + 1 },
    remedy: "place further machines of this mesh on other nodes, or reserve less.",
  });
}

function badBlock(block: string): GridError {
  return new GridError({
    code: "TFG_BAD_ADDRESS_BLOCK",
    summary: `"${block}" is not an IPv4 address block.`,
    remedy: "write an address and a length, such as 10.20.2.0/24.",
  });
}
