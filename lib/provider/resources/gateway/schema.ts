import { deploymentAttributes } from "../../deployment/common-attributes";
import type { Attribute, BlockSchema } from "../../schema/schema";

/** What both kinds of gateway have. */
const gatewayAttributes = {
  ...deploymentAttributes,
  node_id: {
    type: "number",
    required: true,
    description:
      "The gateway node that serves it. Another node is a change in which the gateway is brought up there before it ends here.",
  },
  backends: {
    type: { list: "string" },
    required: true,
    description:
      "Where requests go, one or more: `http://ip` or `http://ip:port`; with `tls_passthrough` `ip:port`. IPv6 in brackets. No host names: the node dials addresses.",
  },
  tls_passthrough: {
    type: "bool",
    optional: true,
    computed: true,
    description:
      "true: TLS goes through to the backend, which needs a certificate. false: the node ends TLS and speaks plain http to the backend. Defaults to false.",
  },
  network: {
    type: "string",
    optional: true,
    description:
      "`network_name` of a mesh whose private addresses the backends are; the gateway's node must be a member of it. Leave it out for backends that are public or in an overlay.",
  },
  domain: {
    type: "string",
    optional: true,
    computed: true,
    description: "Domain of the gateway node. Known in the plan when given; asked of the node when not.",
  },
} as const satisfies Record<string, Attribute>;

/** `threefold_gateway_name`. */
export const gatewayNameSchema: BlockSchema = {
  version: 0,
  description:
    "A web gateway at `<name>.<domain of a gateway node>`, with a certificate that the node obtains. The name is reserved on the whole network by a contract of its own, which is made and ended together with the gateway.",
  attributes: {
    ...gatewayAttributes,
    name: {
      type: "string",
      required: true,
      description:
        "The name to reserve, unique on the whole network: 3 to 63 small letters, digits and `-`, with no `-` at either end. Another name is a replacement.",
    },
    fqdn: { type: "string", computed: true, description: "The whole domain name it answers at." },
    name_contract_id: { type: "string", computed: true, description: "Number of the contract that reserves the name." },
  },
};

/** `threefold_gateway_fqdn`. */
export const gatewayFqdnSchema: BlockSchema = {
  version: 0,
  description:
    "A web gateway at a domain of your own, with a certificate that the node obtains. The domain must point to the node before anything is made: `dns_target` says where.",
  attributes: {
    ...gatewayAttributes,
    fqdn: {
      type: "string",
      required: true,
      description: "The whole domain name, such as `www.example.org`; none under the gateway node's own domain.",
    },
    dns_target: {
      type: "string",
      optional: true,
      computed: true,
      description:
        "Address of the node that the domain has to point to. Known in the plan when given (`public_ipv4` of the chosen node); asked of the node when not.",
    },
  },
};
