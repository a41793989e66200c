/**
 * A web address with a certificate, on a gateway node, in front of one or more machines. You pay for the reserved name, some
 * cents a month; a domain of your own costs nothing here.
 *
 * @example
 * new Gateway(this, "www", { name: "shop", backend: web.http(8080) });
 * new Gateway(this, "own", { domain: "www.example.org", backends: [web.http(8080), api.http(8080)] });
 */
import { Fn, Op, Token } from "cdktf";
import { Construct } from "constructs";
import type { Backend } from "./backend";
import { GatewayFqdn } from "./gen/gateway-fqdn";
import { GatewayName } from "./gen/gateway-name";
import type { NetworkMesh } from "./network-mesh";
import { Placement } from "./placement";
import { foreignMesh } from "./private/foreign-mesh";
import { backendsOf, gatewayKind, gatewayRules } from "./private/gateway-rules";
import { GridContext, type Named } from "./private/grid-context";
import { check } from "./private/problems";

/** Properties of a gateway. */
export interface GatewayProps {
  /**
   * Name to reserve on the whole network: 3 to 63 small letters, digits and `-`. It is served under the domain of the node.
   * Another name is another gateway. @default none: `domain` is given
   */
  readonly name?: string;
  /** A domain of your own; its DNS must point to `dnsTarget` before anything is made. @default none: `name` is given */
  readonly domain?: string;
  /** Where requests go: `http()` or `tcp()` of a machine, or `http://ip:port`, or `ip:port` with `tlsPassthrough`. @default none */
  readonly backend?: Backend | string;
  /** Further ones; the node spreads requests over all of them. @default none */
  readonly backends?: readonly (Backend | string)[];
  /** true: TLS goes through to the backend. false: the node ends it, with a certificate of its own. @default false */
  readonly tlsPassthrough?: boolean;
  /** Which gateway node serves it; a move keeps the name. @default any gateway node */
  readonly placement?: Placement;
  /** What makes it the same gateway from one run to the next. Another identity is another gateway. @default the construct's path */
  readonly identity?: string;
}

/** One gateway under one contract, and one more for a reserved name. */
export class Gateway extends Construct {
  /** The Terraform resource, for what this class does not cover. */
  readonly resource: GatewayName | GatewayFqdn;
  /** What makes it the same gateway from one run to the next. */
  readonly identity: string;
  /** Number of the node that serves it. */
  readonly nodeId: number;

  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id);
    check(this, props, gatewayRules, gatewayKind);
    const context = GridContext.of(this);
    const named = context.name(this, { identity: props.identity });
    const mesh = meshOf(props);
    if (mesh && GridContext.of(mesh) !== context) throw foreignMesh(this, mesh);
    this.identity = named.identity;
    this.nodeId = context.nodes.request(named.identity, {
      needs: { features: [props.name === undefined ? "gateway-fqdn-proxy" : "gateway-name-proxy"] },
      placement: placementOf(props, mesh),
    });
    mesh?.addMember(`gateway/${named.identity}`, Placement.node(this.nodeId));
    const common = {
      project: context.project,
      identity: named.identity,
      nodeId: this.nodeId,
      backends: backendsOf(props).map(({ backend }) => (typeof backend === "string" ? backend : backend.text)),
      tlsPassthrough: props.tlsPassthrough,
      network: mesh?.networkName,
      domain: context.nodes.fact(named.identity, "domain"),
    };
    this.resource =
      props.name === undefined
        ? new GatewayFqdn(this, "Default", { ...common, ...ownDomain(context, named, props.domain ?? "") })
        : new GatewayName(this, "Default", { ...common, name: props.name });
  }

  /** The whole domain name it answers at. */
  get fqdn(): string {
    return this.resource.fqdn;
  }

  /** Its address in a browser. */
  get url(): string {
    return `https://${this.fqdn}`;
  }

  /** Address that the DNS record of an own domain has to hold; null for a reserved name, which needs none. */
  get dnsTarget(): string {
    return this.resource instanceof GatewayFqdn ? this.resource.dnsTarget : Token.asString(Token.nullValue());
  }

  /** Number of its contract with the node. */
  get contractId(): string {
    return this.resource.contractId;
  }

  /** `ok`, or what the next apply repairs. */
  get status(): string {
    return this.resource.status;
  }

  /** Takes over a gateway that exists, by the number of its contract with the node. */
  importFrom(contractId: string): void {
    this.resource.importFrom(contractId);
  }
}

/** A gateway works inside the mesh of its backends, so that its node has to be able to join it. */
function placementOf({ placement }: GatewayProps, mesh: NetworkMesh | undefined): Placement {
  const rules = Placement.where({ gateway: true, features: mesh ? ["network"] : [] });
  return placement ? rules.and(placement) : rules;
}

/** The rules have seen to it that there is only one. */
function meshOf(props: GatewayProps): NetworkMesh | undefined {
  return backendsOf(props).flatMap(({ backend }) => (typeof backend === "string" ? [] : (backend.mesh ?? [])))[0];
}

function ownDomain({ nodes }: GridContext, { name, identity }: Named, fqdn: string) {
  const address = nodes.fact(identity, "public_ipv4");
  const domain = nodes.fact(identity, "domain");
  const isUnder = domain === undefined ? undefined : Fn.endswith(fqdn, domain);
  return {
    name,
    fqdn,
    dnsTarget: address === undefined ? undefined : Token.asString(Fn.element(Fn.split("/", address), 0)),
    lifecycle: isUnder && {
      precondition: [
        {
          condition: Op.not(isUnder),
          errorMessage: `${fqdn} is under the domain of its own gateway node. Give its first label as name instead.`,
        },
      ],
    },
  };
}
