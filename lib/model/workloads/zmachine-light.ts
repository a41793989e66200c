import { struct, text } from "../wire/reader";
import {
  type Machine,
  type MachineNetworkBase,
  machineCapacity,
  machineChallenge,
  machineFields,
  machineNetworkFields,
  machineNetworkProblem,
  machineProblem,
} from "./parts/machine";
import type { WorkloadModel } from "./workload";

/**
 * A virtual machine on a light node. Give it mycelium: the node assumes it when it cleans up after an error.
 *
 * @source zosbase pkg/gridtypes/zos/zmachine_light.go
 */
export interface ZmachineLight extends Machine {
  /** Networks it joins. */
  readonly network: MachineNetworkBase;
}

/** Facts of a running machine. */
export interface ZmachineLightResult {
  /** `<twin>-<contract>-<name>`. */
  readonly id: string;
  /** Private address. */
  readonly ip: string;
  /** Mycelium address, or empty. */
  readonly mycelium_ip: string;
  /** `[ip]:port` of its console. */
  readonly console_url: string;
}

/** Machines on light nodes as the node sees them. */
export const zmachineLight: WorkloadModel<"zmachine-light"> = {
  read: struct<ZmachineLight>({ ...machineFields, network: struct<MachineNetworkBase>(machineNetworkFields) }),
  readResult: struct<ZmachineLightResult>({ id: text, ip: text, mycelium_ip: text, console_url: text }),
  validate: (data) => machineProblem(data, data.network) ?? machineNetworkProblem(data.network),
  capacity: machineCapacity,
  challenge: (data) => machineChallenge(data, data.network, ""),
};
