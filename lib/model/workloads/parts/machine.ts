import { GIB, MIB } from "../../../core/units";
import type { Capacity } from "../../capacity";
import { hashedIp } from "../../wire/ip-address";
import {
  type FieldReaders,
  flag,
  hexBytes,
  ipAddress,
  listOf,
  mapOf,
  optional,
  struct,
  text,
  unsigned,
  unsigned64,
} from "../../wire/reader";

/**
 * What full and light machines share.
 *
 * @source zosbase pkg/gridtypes/zos/zmachine.go, zmachine_light.go, zmachine_utils.go
 */
export interface Machine {
  /** URL of the image. `/image.raw` in it makes a disk-image machine, which boots from its first mount. */
  readonly flist: string;
  /** Root file system in bytes; 0 takes the least the node allows, less is refused. */
  readonly size: number;
  /** Cores and memory. */
  readonly compute_capacity: MachineCapacity;
  /** Disks, volumes and qsfs of the same deployment; the order decides device letters. */
  readonly mounts: readonly MachineMount[];
  /** Command of a container machine; empty takes the image's own. */
  readonly entrypoint: string;
  /** Environment. `SSH_KEY` also becomes root's authorized keys. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs corex instead of the entrypoint. Not hashed. */
  readonly corex: boolean;
  /** Graphics cards as `slot/vendor/device`; only on a node the twin rents. */
  readonly gpu?: readonly string[];
}

/** Cores and memory. */
export interface MachineCapacity {
  /** 1–255, and not above the node's logical cores. */
  readonly cpu: number;
  /** Bytes, at least 250 MiB. */
  readonly memory: number;
}

/** A disk, volume or qsfs in a machine. */
export interface MachineMount {
  /** Name of the workload. */
  readonly name: string;
  /** Absolute path in the machine, not `/`. */
  readonly mountpoint: string;
}

/** Networks that both kinds of machine can join. */
export interface MachineNetworkBase {
  /** A mycelium address in a network that has a mycelium key. */
  readonly mycelium?: MachineMycelium;
  /** Exactly one. */
  readonly interfaces: readonly MachineInterface[];
}

/** A mycelium address. */
export interface MachineMycelium {
  /** Name of the network workload. */
  readonly network: string;
  /** 12 hexadecimal digits: the last six bytes of the address. All zeros and all ones fail on the node. */
  readonly hex_seed: string;
}

/** A private address. */
export interface MachineInterface {
  /** Name of the network workload, in any deployment of the same twin on the node. */
  readonly network: string;
  /** Inside the network's subnet on this node, 2–254 in the last place. */
  readonly ip: string;
}

/** Readers of the shared fields. */
export const machineFields: FieldReaders<Machine> = {
  flist: text,
  size: unsigned64,
  compute_capacity: struct<MachineCapacity>({ cpu: unsigned(8), memory: unsigned64 }),
  mounts: listOf(struct<MachineMount>({ name: text, mountpoint: text })),
  entrypoint: text,
  env: mapOf(text),
  corex: flag,
  gpu: optional(listOf(text)),
};

/** Readers of the shared network fields. */
export const machineNetworkFields: FieldReaders<MachineNetworkBase> = {
  mycelium: optional(struct<MachineMycelium>({ network: text, hex_seed: hexBytes })),
  interfaces: listOf(struct<MachineInterface>({ network: text, ip: ipAddress })),
};

/** The least root file system in bytes: 500 MiB, or 2 GiB as soon as cores times memory reach 8 GiB. */
export function minRootSize({ cpu, memory }: MachineCapacity): number {
  return cpu * memory < 8 * GIB ? 500 * MIB : 2 * GIB;
}

/** What a machine uses; its root counts at its least size even when an image brings its own disk. */
export function machineCapacity({ compute_capacity, size }: Machine): Capacity {
  const { cpu, memory } = compute_capacity;
  return { cru: cpu, mru: memory, sru: Math.max(size, minRootSize(compute_capacity)), hru: 0, ipv4u: 0 };
}

/** Why the node refuses the size of a machine or its interface, in the order it looks; undefined when it takes them. */
export function machineProblem(machine: Machine, network: MachineNetworkBase): string | undefined {
  const { compute_capacity, size } = machine;
  if (network.interfaces.length !== 1) return "only one network private network is supported at the moment";
  if (network.interfaces[0]?.ip === "") return "invalid IP";
  if (compute_capacity.cpu === 0) return "cpu capacity can't be 0";
  if (compute_capacity.memory < 250 * MIB) return "mem capacity can't be less that 250M";
  const least = minRootSize(compute_capacity);
  return size !== 0 && size < least ? `disk size can't be less that ${least}. Set to 0 for minimum` : undefined;
}

/** Why the node refuses the networks a machine joins; undefined when it takes them. */
export function machineNetworkProblem({ interfaces, mycelium }: MachineNetworkBase): string | undefined {
  const reserved = interfaces.find(({ network }) => ["ygg", "pub", "mycelium"].includes(network));
  if (reserved) return `'${reserved.network}' is reserved network name`;
  return mycelium && mycelium.hex_seed.length !== 12 ? "invalid mycelium seed length expected 6 bytes" : undefined;
}

/** The challenge of a machine around that of its network, whose first part differs between the two kinds. */
export function machineChallenge(machine: Machine, network: MachineNetworkBase, networkHead: string): string {
  const { cpu, memory } = machine.compute_capacity;
  return [
    machine.flist,
    networkHead,
    ...network.interfaces.map((each) => `${each.network}${hashedIp(each.ip)}`),
    network.mycelium ? `${network.mycelium.network}${network.mycelium.hex_seed.toLowerCase()}` : "",
    machine.size,
    cpu,
    memory,
    ...machine.mounts.map(({ name, mountpoint }) => `${name}${mountpoint}`),
    machine.entrypoint,
    ...inByteOrder(machine.env).map(([key, value]) => `${key}=${value}`),
    ...(machine.gpu ?? []),
  ].join("");
}

/** Sorted by the UTF-8 bytes of the keys: JavaScript's own order differs above U+FFFF. */
function inByteOrder(env: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(env).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
