import type { Ledger } from "../../ledger";
import { isLight, type NodeHardware } from "../hardware";
import type { MachineHost } from "./machine-host";
import { type NetworkResource, NetworkResources } from "./network-resources";
import type { ServedDomain } from "./served-domain";
import { type Allocation, StoragePools } from "./storage-pools";

/** A machine that runs on a node. */
export interface RunningMachine {
  /** Workload id. */
  readonly id: string;
  /** Cards it holds. */
  readonly gpus: readonly string[];
}

/** What runs on a node or lies on its disks, as plain JSON. */
export interface RuntimeState {
  /** Space taken on the disks, `foreign` by something other than deployments. */
  readonly storage: { readonly allocations: readonly Allocation[]; readonly foreign: { ssd: number; hdd: number } };
  /** Bytes of memory taken by something other than deployments. */
  readonly foreignMemory: number;
  /** Set up now. */
  readonly networks: readonly NetworkResource[];
  /** Running now. */
  readonly machines: readonly RunningMachine[];
  /** Served now. */
  readonly domains: readonly ServedDomain[];
  /** Workload ids of public addresses that are configured. */
  readonly publicIps: readonly string[];
}

/** An empty node. */
export const EMPTY_RUNTIME: RuntimeState = {
  storage: { allocations: [], foreign: { ssd: 0, hdd: 0 } },
  foreignMemory: 0,
  networks: [],
  machines: [],
  domains: [],
  publicIps: [],
};

/** What surrounds a node. */
export interface NodeSurroundings {
  /** Its number on the chain. */
  readonly nodeId: number;
  /** Its public config and addresses may change while it runs. */
  hardware: NodeHardware;
  /** The chain. */
  readonly ledger: Ledger;
  /** Addresses behind a host name; undefined lets every name point to the node that asks. */
  readonly resolveHost: ((host: string) => readonly string[]) | undefined;
  /** Plays the insides of machines; undefined for a node of which nobody looks inside. */
  readonly machineHost?: MachineHost;
}

/** What runs on a node and lies on its disks: the part that primitives act upon. */
export class NodeRuntime {
  /** The node around it. */
  readonly surroundings: NodeSurroundings;
  /** Its disks. */
  readonly pools: StoragePools;
  /** Users' networks on it. */
  readonly networks: NetworkResources;
  /** Running machines by workload id. */
  readonly machines: Map<string, RunningMachine>;
  /** Served domains by name. */
  readonly domains: Map<string, ServedDomain>;
  /** Workload ids of public addresses that are configured. */
  readonly publicIps: Set<string>;
  /** Bytes of memory taken by something other than deployments. */
  foreignMemory: number;

  constructor(surroundings: NodeSurroundings, state: RuntimeState) {
    const { hardware } = surroundings;
    this.surroundings = surroundings;
    this.pools = new StoragePools(hardware.pools, state.storage);
    this.networks = new NetworkResources(state.networks, { isLight: isLight(hardware) });
    this.machines = new Map(state.machines.map((machine) => [machine.id, machine]));
    this.domains = new Map(state.domains.map((domain) => [domain.fqdn, domain]));
    this.publicIps = new Set(state.publicIps);
    this.foreignMemory = state.foreignMemory;
  }

  /** Ready for JSON. */
  toJson(): RuntimeState {
    return structuredClone({
      storage: this.pools.toJson(),
      foreignMemory: this.foreignMemory,
      networks: this.networks.toJson(),
      machines: [...this.machines.values()],
      domains: [...this.domains.values()],
      publicIps: [...this.publicIps],
    });
  }
}

/** What is left after the power was off: disks keep their content, all else is gone. */
export function afterPowerLoss(state: RuntimeState): RuntimeState {
  return { ...EMPTY_RUNTIME, storage: state.storage };
}
