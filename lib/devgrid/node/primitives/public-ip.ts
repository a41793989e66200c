import type { PublicIpResult } from "../../../model/workloads/public-ip";
import { resultOf } from "../../../model/workloads/registry";
import type { AnyWorkload, Workload } from "../../../model/workloads/workload";
import { NodeError } from "../node-error";
import { publicIpv6Of } from "../runtime/public-ipv6";
import { NO_ACTION, type Primitive, type Site } from "./primitive";

/** Public addresses. @source zosbase pkg/primitives/pubip (node source) */
export const publicIp: Primitive<"ip"> = {
  provision: ({ name, data }, site) => assign(name, data, site),
  deprovision: release,
};

/** The deprecated type: always one IPv4. */
export const ipv4: Primitive<"ipv4"> = {
  provision: ({ name }, site) => assign(name, { v4: true, v6: false }, site),
  deprovision: release,
};

/** The addresses that a workload was given, as its result holds them; undefined unless it is up. */
export function publicIpFacts(workload: AnyWorkload): PublicIpResult | undefined {
  if (!isPublicIp(workload) || workload.result.state !== "ok") return undefined;
  return resultOf(workload);
}

function assign(name: string, wanted: { v4: boolean; v6: boolean }, site: Site): PublicIpResult | typeof NO_ACTION {
  const { node, id } = site;
  if (node.publicIps.has(id)) return NO_ACTION;
  const ip6 = wanted.v6 ? publicIpv6Of(node.surroundings.hardware, `pub ${id}`) : "";
  if (ip6 === undefined) throw new NodeError("could not look up ipv6 prefix: no public ipv6 found");
  const v4 = wanted.v4 ? reservedIpv4(name, site) : { ip: "", gateway: "" };
  node.publicIps.add(id);
  return { ip: v4.ip, ip6: ip6 && `${ip6}/64`, gateway: v4.gateway };
}

/** The address it had before a reboot, else the first of the contract's that no sibling uses. */
function reservedIpv4(name: string, site: Site): { readonly ip: string; readonly gateway: string } {
  const own = site.sibling(name);
  const before = own && publicIpFacts(own.workload);
  if (before) return before;
  const reserved = site.contract?.publicIpsList ?? [];
  const siblings = site.siblings().map((sibling) => sibling.workload);
  const wanted = siblings.filter((sibling) => isPublicIp(sibling) && needsIpv4(sibling));
  if (wanted.length > reserved.length) {
    const count = siblings.filter(isPublicIp).length;
    throw new NodeError(`required ${count} ips while contract has ${reserved.length} ip reserved`);
  }
  const used = siblings.filter((sibling) => sibling.name !== name).map((sibling) => publicIpFacts(sibling)?.ip);
  const free = reserved.find(({ ip }) => !used.includes(ip));
  if (!free) throw new NodeError("could not allocate public IP address to workload");
  return { ip: free.ip, gateway: free.gateway };
}

function isPublicIp(workload: AnyWorkload): workload is Workload<"ip"> | Workload<"ipv4"> {
  return workload.type === "ip" || workload.type === "ipv4";
}

function needsIpv4(workload: Workload<"ip"> | Workload<"ipv4">): boolean {
  return workload.type === "ipv4" || workload.data.v4 === true;
}

function release(_workload: unknown, { node, id }: Site): void {
  node.publicIps.delete(id);
}
