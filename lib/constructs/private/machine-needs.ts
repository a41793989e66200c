import { Op, Token } from "cdktf";
import { Image } from "../image";
import type { MachineStorage, VirtualMachineProps } from "../virtual-machine";
import type { NodeNeeds } from "./node-choices";

/** Memory that the node takes for each mounted `QuantumStorage`. @source facts "networking" §4 */
const FILE_SYSTEM_MIB = 1024;

/** What a machine takes from its node, for the choice of one. */
export function machineNeeds(props: VirtualMachineProps): NodeNeeds {
  const image = typeof props.image === "string" ? Image.flist(props.image) : props.image;
  const rootMib = rootSizeMib(props, image) ?? leastRootMib(props);
  const caches = (props.quantumStorage ?? []).map(({ storage }) => storage.cache.toGib());
  return {
    cpu: props.cpu,
    memoryMib: sum([props.memory.toMib(), ...caches.map(() => FILE_SYSTEM_MIB)]),
    ssdGib: sum([rootMib / 1024, ...gib(props.disks), ...gib(props.volumes), ...caches]),
    freeIpv4: props.publicIpv4 ? 1 : undefined,
    features: features(props),
  };
}

/** Root filesystem in MiB when one is asked for; undefined leaves it to the node. */
export function rootSizeMib({ rootSize }: VirtualMachineProps, image: Image): number | undefined {
  return (rootSize ?? image.rootSize)?.toMib();
}

/** The least root filesystem of a machine of that size. @source zosbase zmachine_utils.go (node source) */
export function leastRootMib({ cpu, memory }: Pick<VirtualMachineProps, "cpu" | "memory">): number {
  const memoryMib = memory.toMib();
  const isSmall = !Token.isUnresolved(cpu) && !Token.isUnresolved(memoryMib) && cpu * memoryMib < 8 * 1024;
  return isSmall ? 500 : 2048;
}

/** Features of machines and their networks by kind of node; `a|b` is either. */
const KINDS = {
  full: ["zmachine", "network"],
  light: ["zmachine-light", "network-light"],
  any: ["zmachine|zmachine-light", "network|network-light"],
} as const;

function features(props: VirtualMachineProps): string[] {
  const { nodeKind = "full", mesh, logs = [] } = props;
  const [machine, network] = KINDS[nodeKind];
  const wanted: readonly [feature: string, isWanted: boolean | undefined][] = [
    [machine, true],
    [network, true],
    // Without WireGuard the node's part of a mesh is cut off from the others.
    ["wireguard", mesh !== undefined && nodeKind !== "full"],
    ["zmount", props.disks && props.disks.length > 0],
    ["qsfs", props.quantumStorage && props.quantumStorage.length > 0],
    ["volume", props.volumes && props.volumes.length > 0],
    ["ip", props.publicIpv4 || props.publicIpv6],
    ["yggdrasil", props.planetary],
    ["mycelium", props.mycelium || nodeKind !== "full"],
    ["zlogs", logs.length > 0],
  ];
  return wanted.filter(([, isWanted]) => isWanted).map(([feature]) => feature);
}

function gib(items: readonly MachineStorage[] = []): number[] {
  return items.map(({ size }) => size.toGib());
}

/** A whole number; sizes that only Terraform knows are added by Terraform. */
function sum(sizes: readonly number[]): number {
  const known = sizes.filter((size) => !Token.isUnresolved(size)).reduce((total, size) => total + size, 0);
  const later = sizes.filter((size) => Token.isUnresolved(size));
  return later.reduce((total, size) => Op.add(total, size), Math.ceil(known));
}
