import { NO_CAPACITY } from "../capacity";
import { cidrBlock, flag, ipAddress, struct } from "../wire/reader";
import type { WorkloadModel } from "./workload";

/**
 * Public addresses for one machine of the same deployment. Wire type `ip`; full nodes only.
 *
 * @source zosbase pkg/gridtypes/zos/ipv4.go
 */
export interface PublicIp {
  /** One of the IPv4 addresses that the contract reserved; costs money. */
  readonly v4: boolean;
  /** An IPv6 address, free of charge. */
  readonly v6: boolean;
}

/** The deprecated wire type `ipv4`: an IPv4 address, no arguments. */
export type Ipv4 = Readonly<Record<string, never>>;

/** Facts of reserved addresses. */
export interface PublicIpResult {
  /** IPv4 with prefix length, or empty. */
  readonly ip: string;
  /** IPv6 with prefix length, or empty. */
  readonly ip6: string;
  /** IPv4 gateway, or empty. */
  readonly gateway: string;
}

const readResult = struct<PublicIpResult>({ ip: cidrBlock, ip6: cidrBlock, gateway: ipAddress });

/** Public addresses as the node sees them. */
export const publicIp: WorkloadModel<"ip"> = {
  read: struct<PublicIp>({ v4: flag, v6: flag }),
  readResult,
  validate: ({ v4, v6 }) => (v4 || v6 ? undefined : "public ip workload with no selections"),
  capacity: ({ v4 }) => ({ ...NO_CAPACITY, ipv4u: v4 ? 1 : 0 }),
  challenge: ({ v4, v6 }) => `${v4}${v6}`,
};

/** The deprecated type as the node sees it. */
export const ipv4: WorkloadModel<"ipv4"> = {
  read: struct<Ipv4>({}),
  readResult,
  validate: () => undefined,
  capacity: () => ({ ...NO_CAPACITY, ipv4u: 1 }),
  challenge: () => "",
};
