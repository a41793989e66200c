import { flag, type Reader, struct, text } from "../wire/reader";
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
import { findWorkload } from "./parts/siblings";
import type { AnyWorkload, WorkloadModel } from "./workload";

/**
 * A virtual machine on a full node.
 *
 * @source zosbase pkg/gridtypes/zos/zmachine.go
 */
export interface Zmachine extends Machine {
  /** Networks it joins. */
  readonly network: MachineNetwork;
}

/** Networks a machine on a full node joins. */
export interface MachineNetwork extends MachineNetworkBase {
  /** Name of an `ip` or `ipv4` workload of the same deployment that no other machine uses; empty for none. */
  readonly public_ip: string;
  /** An address of the Yggdrasil network. */
  readonly planetary: boolean;
}

/** Facts of a running machine. */
export interface ZmachineResult {
  /** `<twin>-<contract>-<name>`. */
  readonly id: string;
  /** Private address. */
  readonly ip: string;
  /** Yggdrasil address, or empty. */
  readonly planetary_ip: string;
  /** Mycelium address, or empty. */
  readonly mycelium_ip: string;
  /** `ip:port` of its console on the private network. */
  readonly console_url: string;
}

const readCurrentResult = struct<ZmachineResult & { readonly ygg_ip: string }>({
  id: text,
  ip: text,
  planetary_ip: text,
  mycelium_ip: text,
  console_url: text,
  ygg_ip: text,
});

/** Old nodes say `ygg_ip` for `planetary_ip`. */
const readResult: Reader<ZmachineResult> = (value, path) => {
  const { ygg_ip, ...result } = readCurrentResult(value, path);
  return ygg_ip === "" ? result : { ...result, planetary_ip: ygg_ip };
};

/** Machines on full nodes as the node sees them. */
export const zmachine: WorkloadModel<"zmachine"> = {
  read: struct<Zmachine>({
    ...machineFields,
    network: struct<MachineNetwork>({ public_ip: text, planetary: flag, ...machineNetworkFields }),
  }),
  readResult,
  validate: (data, siblings) => {
    const problem = machineProblem(data, data.network);
    if (problem || data.network.public_ip === "") return problem ?? machineNetworkProblem(data.network);
    return validateWithPublicIp(data, siblings);
  },
  capacity: machineCapacity,
  challenge: (data) => machineChallenge(data, data.network, `${data.network.public_ip}${data.network.planetary}`),
};

function validateWithPublicIp({ network }: Zmachine, siblings: readonly AnyWorkload[]): string | undefined {
  const publicIp = findWorkload(siblings, network.public_ip);
  if (!publicIp) return "public ip is not found";
  // A slip in the node: it wraps an error that is nil here, so a name of another type passes, and nothing further is
  // looked at. Such a machine fails later, when it is provisioned.
  if (publicIp.type !== "ip" && publicIp.type !== "ipv4") return undefined;
  const users = siblings.filter(
    (each) => each.type === "zmachine" && each.data.network.public_ip === network.public_ip,
  );
  return users.length > 1 ? "public ip is assigned to multiple vms" : machineNetworkProblem(network);
}
