import { NO_CAPACITY } from "../capacity";
import { struct, text } from "../wire/reader";
import { backendsProblem, type GatewayBase, gatewayChallenge, gatewayFields } from "./parts/gateway";
import type { WorkloadModel } from "./workload";

/**
 * A web gateway at a domain name of the user, which must already point to the gateway node.
 *
 * @source zosbase pkg/gridtypes/zos/gw_fqdn.go
 */
export interface GatewayFqdnProxy extends GatewayBase {
  /** The whole domain name. */
  readonly fqdn: string;
}

/** The node has nothing to say about a running one. */
export type GatewayFqdnProxyResult = Readonly<Record<string, never>>;

const FQDN = /^([a-zA-Z0-9\-_]+\.)+[a-zA-Z0-9\-_]{2,}$/;

/** Domain gateways as the node sees them. */
export const gatewayFqdnProxy: WorkloadModel<"gateway-fqdn-proxy"> = {
  read: struct<GatewayFqdnProxy>({ fqdn: text, ...gatewayFields }),
  readResult: struct<GatewayFqdnProxyResult>({}),
  validate: (data) => (FQDN.test(data.fqdn) ? backendsProblem(data) : `fqdn ${data.fqdn} is invalid`),
  capacity: () => NO_CAPACITY,
  challenge: (data) => `${data.fqdn}${gatewayChallenge(data)}`,
};
