import { NO_CAPACITY } from "../capacity";
import { struct, text } from "../wire/reader";
import { backendsProblem, type GatewayBase, gatewayChallenge, gatewayFields } from "./parts/gateway";
import type { WorkloadModel } from "./workload";

/**
 * A web gateway at `<name>.<domain of the node>`. A name contract of the same twin must exist first.
 *
 * @source zosbase pkg/gridtypes/zos/gw_name.go
 */
export interface GatewayNameProxy extends GatewayBase {
  /** First label of the domain name. */
  readonly name: string;
}

/** Facts of a running gateway. */
export interface GatewayNameProxyResult {
  /** The whole domain name. */
  readonly fqdn: string;
}

/** Name gateways as the node sees them. */
export const gatewayNameProxy: WorkloadModel<"gateway-name-proxy"> = {
  read: struct<GatewayNameProxy>({ name: text, ...gatewayFields }),
  readResult: struct<GatewayNameProxyResult>({ fqdn: text }),
  validate: (data) => (/^[a-zA-Z0-9\-_]+$/.test(data.name) ? backendsProblem(data) : `name ${data.name} is invalid`),
  capacity: () => NO_CAPACITY,
  challenge: (data) => `${data.name}${gatewayChallenge(data)}`,
};
