import { Token } from "cdktf";
import type { AttributePath, GridError } from "../../core/errors";
import {
  backendProblem,
  GATEWAY_DOMAINS,
  GATEWAY_NAMES,
  isGatewayDomain,
  isGatewayName,
} from "../../model/gateway-rules";
import type { Backend } from "../backend";
import type { GatewayProps } from "../gateway";
import { backend, flag, isBackend, listOf, optional, placement, record, text } from "./kinds";
import { badValue, checkIdentity, type Rule } from "./problems";

/** What a gateway's properties are made of. */
export const gatewayKind = record<GatewayProps>({
  name: optional(text),
  domain: optional(text),
  backend: optional(backend),
  backends: optional(listOf(backend)),
  tlsPassthrough: optional(flag),
  placement: optional(placement),
  identity: optional(text),
});

/** What a gateway's properties must fulfil. */
export const gatewayRules: readonly Rule<GatewayProps>[] = [
  checkIdentity,
  ({ name, domain }) => {
    if ((name === undefined) !== (domain === undefined)) return [];
    const allowed = "either name (reserved under the node's domain) or domain (your own)";
    return [badValue({ attribute: [name === undefined ? "name" : "domain"], given: domain, allowed })];
  },
  ({ name }) => {
    if (name === undefined || Token.isUnresolved(name) || isGatewayName(name)) return [];
    return [badValue({ attribute: ["name"], given: name, allowed: GATEWAY_NAMES })];
  },
  ({ domain }) => {
    if (domain === undefined || Token.isUnresolved(domain) || isGatewayDomain(domain)) return [];
    return [badValue({ attribute: ["domain"], given: domain, allowed: GATEWAY_DOMAINS })];
  },
  (props) => {
    if (backendsOf(props).length > 0) return [];
    return [badValue({ attribute: ["backends"], allowed: "at least one backend" })];
  },
  (props) =>
    backendsOf(props).flatMap(({ backend, path }) => checkBackend(backend, path, props.tlsPassthrough === true)),
  checkOneWay,
];

/** A backend, and where among the properties it was given. */
interface GivenBackend {
  readonly backend: Backend | string;
  readonly path: AttributePath;
}

/** All backends, the single one first. */
export function backendsOf({ backend, backends = [] }: GatewayProps): readonly GivenBackend[] {
  const single: GivenBackend[] = backend === undefined ? [] : [{ backend, path: ["backend"] }];
  return [...single, ...backends.map((each, index) => ({ backend: each, path: ["backends", index] }))];
}

function checkBackend(backend: Backend | string, attribute: AttributePath, isPassed: boolean): GridError[] {
  if (isBackend(backend)) {
    if ((backend.protocol === "tcp") === isPassed) return [];
    const allowed = isPassed
      ? "a backend made by tcp(): TLS goes through"
      : "a backend made by http(), or tlsPassthrough";
    return [badValue({ attribute, given: backend.protocol, allowed })];
  }
  const allowed = Token.isUnresolved(backend) ? undefined : backendProblem(backend, isPassed);
  return allowed === undefined ? [] : [badValue({ attribute, given: backend, allowed })];
}

/** With a mesh the gateway works inside of it, and reaches nothing else. */
function checkOneWay(props: GatewayProps): GridError[] {
  const all = backendsOf(props);
  const meshes = new Set(all.map(({ backend }) => (isBackend(backend) ? backend.mesh : undefined)));
  const [, other] = all;
  if (meshes.size <= 1 || !other) return [];
  const allowed = "backends that are all in one mesh, or all outside of any";
  return [
    badValue({ attribute: ["backends"], allowed, remedy: "reach all of them the same way: http(port, { over })." }),
  ];
}
