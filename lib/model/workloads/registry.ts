import type { Capacity } from "../capacity";
import { gatewayFqdnProxy } from "./gateway-fqdn-proxy";
import { gatewayNameProxy } from "./gateway-name-proxy";
import { network } from "./network";
import { networkLight } from "./network-light";
import { ipv4, publicIp } from "./public-ip";
import { qsfs } from "./qsfs";
import { volume } from "./volume";
import type { AnyWorkload, ResultOf, Workload, WorkloadModel, WorkloadType } from "./workload";
import { zdb } from "./zdb";
import { zlogs } from "./zlogs";
import { zmachine } from "./zmachine";
import { zmachineLight } from "./zmachine-light";
import { zmount } from "./zmount";

/** Every workload type there is. Adding one is a file and a line here. */
export const workloadModels: { readonly [T in WorkloadType]: WorkloadModel<T> } = {
  zmachine,
  "zmachine-light": zmachineLight,
  zmount,
  volume,
  network,
  "network-light": networkLight,
  zdb,
  ip: publicIp,
  ipv4,
  "gateway-name-proxy": gatewayNameProxy,
  "gateway-fqdn-proxy": gatewayFqdnProxy,
  qsfs,
  zlogs,
};

/** True for a type name that nodes know. */
export function isWorkloadType(name: string): name is WorkloadType {
  return Object.hasOwn(workloadModels, name);
}

/** What a workload uses while it is in state ok or paused. */
export function workloadCapacity<T extends WorkloadType>(workload: Workload<T>): Capacity {
  return workloadModels[workload.type].capacity(workload.data);
}

/** A workload's part of the text that is hashed and signed. */
export function workloadChallenge<T extends WorkloadType>(workload: Workload<T>): string {
  const { version, name, type, metadata, description } = workload;
  return `${version}${name}${type}${metadata}${description}${workloadModels[type].challenge(workload.data)}`;
}

/** The node's own words when it refuses the arguments of a workload among its siblings; undefined when it takes them. */
export function workloadProblem<T extends WorkloadType>(
  workload: Workload<T>,
  siblings: readonly AnyWorkload[],
): string | undefined {
  return workloadModels[workload.type].validate(workload.data, siblings);
}

/**
 * The node's facts about a workload; undefined while it has none.
 *
 * @throws {GridError} TFG_MALFORMED when the node's answer has another shape.
 */
export function resultOf<T extends WorkloadType>(workload: Workload<T>): ResultOf<T> | undefined {
  const { data } = workload.result;
  if (data === null || data === undefined) return undefined;
  return workloadModels[workload.type].readResult(data, `result of "${workload.name}"`);
}
