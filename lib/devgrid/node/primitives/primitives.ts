import type { WorkloadType } from "../../../model/workloads/workload";
import { isLight, type NodeHardware } from "../hardware";
import { gatewayFqdn, gatewayName } from "./gateway";
import { network, networkLight } from "./network";
import type { Primitive } from "./primitive";
import { ipv4, publicIp } from "./public-ip";
import { qsfs } from "./qsfs";
import { volume } from "./volume";
import { zdb } from "./zdb";
import { zlogs } from "./zlogs";
import { zmachine, zmachineLight } from "./zmachine";
import { zmount } from "./zmount";

const primitives: { readonly [T in WorkloadType]: Primitive<T> } = {
  zmount,
  volume,
  qsfs,
  network,
  "network-light": networkLight,
  ipv4,
  ip: publicIp,
  zmachine,
  "zmachine-light": zmachineLight,
  zlogs,
  zdb,
  "gateway-name-proxy": gatewayName,
  "gateway-fqdn-proxy": gatewayFqdn,
};

/** Types that only one of the two node families can bring up. */
const FULL_ONLY: readonly string[] = ["network", "zmachine", "ip", "ipv4"];
const LIGHT_ONLY: readonly string[] = ["network-light", "zmachine-light"];

/** In this order types come up; they go down in reverse. @source zosbase cmds/modules/provisiond (node source) */
export const TYPE_ORDER = Object.keys(primitives) as readonly WorkloadType[];

/** Finds what a node does for a type; undefined when this node family can't. */
export function primitiveOf<T extends WorkloadType>(type: T, hardware: NodeHardware): Primitive<T> | undefined {
  const missing = isLight(hardware) ? FULL_ONLY : LIGHT_ONLY;
  return missing.includes(type) ? undefined : primitives[type];
}
