import { lowestFreeMachineIp, lowestFreeSubnet } from "./address-plan";
import { type HostRange, isInHostRange } from "./host-range";

/** Who has which addresses in a mesh. */
export interface AddressBook {
  /** Member's /24, by node id. */
  readonly subnets: ReadonlyMap<number, string>;
  /** Machine's node and address, by host name. */
  readonly hosts: ReadonlyMap<string, { readonly nodeId: number; readonly ip: string }>;
  /** User access point's /24, by name. */
  readonly accessSubnets: ReadonlyMap<string, string>;
}

/** What has to have addresses. */
export interface AddressNeeds {
  /** Range of the mesh. */
  readonly ipRange: string;
  /** Member nodes. */
  readonly nodeIds: readonly number[];
  /** Node of each host, by name. */
  readonly hosts: ReadonlyMap<string, number>;
  /** Names of user access points. */
  readonly access: readonly string[];
  /** Addresses of every /24 that are not for its hosts. */
  readonly reserved: readonly HostRange[];
}

/**
 * Gives out addresses: what somebody had is kept, what is new gets the lowest free one in order of node id and name, and
 * what is freed is not given out again in the same change, so that no old peer or machine meets a stranger under it.
 *
 * @throws {GridError} TFG_MESH_FULL or TFG_SUBNET_FULL when nothing is left
 */
export function allocateAddresses(needs: AddressNeeds, earlier: AddressBook): AddressBook {
  const reserved = [...earlier.subnets.values(), ...earlier.accessSubnets.values()];
  const nextSubnet = () => {
    const subnet = lowestFreeSubnet(needs.ipRange, reserved);
    reserved.push(subnet);
    return subnet;
  };
  const nodeIds = [...new Set(needs.nodeIds)].sort((a, b) => a - b);
  const subnets = new Map(nodeIds.map((id) => [id, earlier.subnets.get(id) ?? nextSubnet()] as const));
  const access = [...new Set(needs.access)].sort();
  const accessSubnets = new Map(access.map((name) => [name, earlier.accessSubnets.get(name) ?? nextSubnet()] as const));
  return { subnets, accessSubnets, hosts: allocateHosts(needs, subnets, earlier) };
}

/** What hosts may have. */
type HostNeeds = Pick<AddressNeeds, "hosts" | "reserved">;

/** Gives each host an address in its node's /24: the one it had while it stays there, else the lowest free one. */
function allocateHosts(
  { hosts: wanted, reserved }: HostNeeds,
  subnets: ReadonlyMap<number, string>,
  earlier: AddressBook,
): AddressBook["hosts"] {
  const taken = [...earlier.hosts.values()].map(({ ip }) => ip);
  const names = [...wanted.keys()].sort();
  return new Map(
    names.flatMap((name) => {
      const nodeId = wanted.get(name);
      const subnet = nodeId === undefined ? undefined : subnets.get(nodeId);
      if (nodeId === undefined || subnet === undefined) return [];
      const before = earlier.hosts.get(name);
      if (before?.nodeId === nodeId) return [[name, before] as const];
      const ip = lowestFreeMachineIp(
        subnet,
        taken,
        (candidate) => !reserved.some((range) => isInHostRange(range, candidate)),
      );
      taken.push(ip);
      return [[name, { nodeId, ip }] as const];
    }),
  );
}
