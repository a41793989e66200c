import { GridError } from "../../core/errors";
import { CLUSTER_ENV, fileVariable, K3S_ENV } from "../../model/kubernetes/machine-env";
import { readPrivate } from "../../provider/deployment/deployment-private";
import type { Origin } from "../../provider/deployment/same-grid";
import { parseSecretReference } from "../../provider/deployment/secret-references";
import { Attributes } from "../../provider/schema/attributes";
import type { StackState, StateObject } from "../stack/stack-state";

/** A server of a cluster, as state knows it. */
export interface FoundServer {
  /** `server-1`. */
  readonly name: string;
  /** Contract of its machine. */
  readonly contractId: number;
  /** Where it can be reached, the most likely first. */
  readonly addresses: readonly string[];
}

/** A cluster in a state. */
export interface FoundCluster {
  /** User's name for it. */
  readonly name: string;
  /** The stack it is in. */
  readonly stack: StackState;
  /** Its identity in its project. */
  readonly identity: string;
  /** Version of its secrets. */
  readonly version: number;
  /** Where its API is reached from outside, when it was told. */
  readonly endpoint: string | undefined;
  /** By name; at least one. */
  readonly servers: readonly FoundServer[];
  /** On which grid it lives. */
  readonly origin: Origin;
  /** The project it belongs to. */
  readonly project: { readonly id: string; readonly keyScope: string };
}

interface ServerObject {
  readonly cluster: string;
  readonly stack: StackState;
  readonly object: StateObject;
}

/**
 * Finds a cluster by its name: through its servers, whose environment tells which cluster they serve.
 *
 * @throws {GridError} TFG_NO_CLUSTER when there is none, or one in each of several stacks; TFG_CLUSTER_NOT_READY when no
 * server of it was ever made
 */
export function requireCluster(stacks: readonly StackState[], name: string): FoundCluster {
  const all = stacks.flatMap((stack) => serversIn(stack));
  const found = all.filter(({ cluster }) => cluster === name);
  if (found.length === 0) throw noCluster(name, all, stacks);
  const identities = new Map(found.map((server) => [`${server.stack.title}/${authorityOf(server)?.identity}`, server]));
  if (identities.size > 1) throw severalClusters(name, [...identities.values()]);
  const made = found.filter(({ object }) => readPrivate(object.private) !== undefined);
  const [first] = made;
  const origin = first && readPrivate(first.object.private);
  const authority = first && authorityOf(first);
  if (!first || !origin || !authority) throw notReady(name);
  const attributes = new Attributes(first.object.attributes);
  const project = attributes.requireObject("project");
  return {
    name,
    stack: first.stack,
    identity: authority.identity,
    version: authority.version,
    endpoint: attributes.textMap("env")[CLUSTER_ENV.endpoint],
    servers: made.map(serverOf).sort((a, b) => (a.name < b.name ? -1 : 1)),
    origin,
    project: { id: project.requireText("id"), keyScope: project.requireText("key_scope") },
  };
}

function serversIn(stack: StackState): ServerObject[] {
  return stack.objects
    .filter(({ type }) => type === "threefold_virtual_machine")
    .map((object) => ({
      cluster: new Attributes(object.attributes).textMap("env")[CLUSTER_ENV.name] ?? "",
      stack,
      object,
    }))
    .filter((server) => server.cluster !== "" && authorityOf(server) !== undefined);
}

/** Of which cluster, and which version of it, a server holds the authority for clients; undefined for workers. */
function authorityOf({ object }: ServerObject): { readonly identity: string; readonly version: number } | undefined {
  const text = new Attributes(object.attributes).textMap("secret_env")[fileVariable("client-ca.key")];
  const reference = text === undefined ? undefined : parseSecretReference(text);
  return reference?.source === "derive" ? reference : undefined;
}

/** A public address is meant to be used, and so is an overlay address; the private one needs a way into the mesh. */
function serverOf({ object }: ServerObject): FoundServer {
  const attributes = new Attributes(object.attributes);
  const names = ["public_ipv4_address", "mycelium_ip", "planetary_ip", "ip"];
  return {
    name: attributes.textMap("env")[K3S_ENV.nodeName] ?? "",
    contractId: Number(attributes.requireText("contract_id")),
    addresses: names.flatMap((name) => attributes.text(name) ?? []),
  };
}

function noCluster(given: string, all: readonly ServerObject[], stacks: readonly StackState[]): GridError {
  const known = [...new Set(all.map(({ cluster, stack }) => `${cluster} (${stack.title})`))].join(", ");
  return new GridError({
    code: "TFG_NO_CLUSTER",
    summary: `There is no cluster "${given}" in the state.`,
    facts: { given, clusters: known || "none", "looked in": stacks.map(({ title }) => title).join(", ") },
    remedy: known ? "give the name of one of these clusters." : "deploy the stack that declares it first.",
  });
}

function severalClusters(name: string, found: readonly ServerObject[]): GridError {
  return new GridError({
    code: "TFG_NO_CLUSTER",
    summary: `There are ${found.length} clusters "${name}".`,
    facts: { "found in": found.map(({ stack }) => stack.title).join(", ") },
    remedy: "say which stack with --stack NAME, or give the clusters of one stack names of their own.",
  });
}

function notReady(name: string): GridError {
  return new GridError({
    code: "TFG_CLUSTER_NOT_READY",
    summary: `The cluster "${name}" has no server yet.`,
    facts: { because: "no server of it was made" },
    remedy: "deploy again.",
  });
}
