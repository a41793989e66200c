import { account } from "./data-sources/account";
import { candidates } from "./data-sources/candidates";
import { contracts } from "./data-sources/contracts";
import { farms } from "./data-sources/farms";
import { gatewayDomains } from "./data-sources/gateway-domains";
import { network as networkData } from "./data-sources/network";
import { node } from "./data-sources/node";
import { nodeGpus } from "./data-sources/node-gpus";
import { nodes } from "./data-sources/nodes";
import { providerSchema, validateProvider } from "./provider-schema";
import { ProviderSession, type SessionEnvironment } from "./provider-session";
import type { ProviderDefinition } from "./resource";
import { dedicatedNode } from "./resources/dedicated-node";
import { deployment } from "./resources/deployment";
import { gatewayFqdn } from "./resources/gateway/gateway-fqdn";
import { gatewayName } from "./resources/gateway/gateway-name";
import { network } from "./resources/network";
import { placement } from "./resources/placement";
import { project } from "./resources/project";
import { virtualMachine } from "./resources/virtual-machine";
import { zdb } from "./resources/zdb";
import { stderrLog } from "./server/process/stderr-log";

/** The provider: what it offers and how a walk of it is configured. */
export function defineProvider(environment: SessionEnvironment): ProviderDefinition {
  return {
    schema: providerSchema,
    resources: [
      ...[dedicatedNode, deployment, gatewayFqdn, gatewayName],
      ...[network, placement, project, virtualMachine, zdb],
    ],
    dataSources: [account, candidates, contracts, farms, gatewayDomains, networkData, node, nodeGpus, nodes],
    validate: validateProvider,
    configure: (config) => new ProviderSession(config, environment),
  };
}

/** The provider as Terraform runs it. */
export const providerDefinition = defineProvider({ env: process.env, log: stderrLog });
