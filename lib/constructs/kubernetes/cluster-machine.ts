import { derivedReference } from "../../model/derived-reference";
import { toWorkloadName } from "../../model/identity";
import { API_PORT, CLUSTER_ENV, fileVariable, K3S_ENV, manifestVariable } from "../../model/kubernetes/machine-env";
import { BOOT_FILES, fileSecretKind, TLS_FILES } from "../../model/kubernetes/secret-names";
import type { KubernetesClusterProps } from "../kubernetes-cluster";
import { isSecret } from "../private/kinds";
import { Secret } from "../secret";
import { BOOT_SCRIPT } from "./boot-script";
import { DATA_DIR, literal } from "./cluster-config";
import { endpointHost } from "./endpoint-host";

/** What every machine of a cluster has to know of it. */
export interface ClusterFacts {
  readonly name: string;
  readonly identity: string;
  /** Version of every secret. */
  readonly generation: number;
  /** Private addresses of the servers, in order. */
  readonly servers: readonly string[];
}

/** A machine of the cluster. */
export interface ClusterMember {
  /** Unique in the cluster, and name of its node: `server-1`, `web-2`. */
  readonly name: string;
  /** The one of its machine. */
  readonly identity: string;
  /** YAML. */
  readonly config: string;
}

/** Plain and secret environment of a machine. */
export interface MachineEnvironment {
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<Record<string, Secret>>;
}

/** Identity of a machine: the cluster's with the machine's name, or a hash where that is too long. */
export function machineIdentity(cluster: string, machine: string): string {
  const identity = `${cluster}/${machine}`;
  return identity.length <= 64 ? identity : toWorkloadName(identity);
}

/** Environment of a server, the only kind of machine that gets the cluster's authorities. */
export function serverEnvironment(
  facts: ClusterFacts,
  member: ClusterMember,
  { position, props }: { readonly position: number; readonly props: KubernetesClusterProps },
): MachineEnvironment {
  const { apiEndpoint, tlsSans = [], manifests = {}, registries, replacements = {} } = props;
  const endpoint = apiEndpoint === undefined ? [] : [endpointHost(apiEndpoint)];
  const names = [...new Set([...endpoint, ...tlsSans])].join(" ");
  const common = commonEnvironment(facts, member, registries);
  return {
    env: {
      ...common.env,
      [K3S_ENV.url]: "",
      [CLUSTER_ENV.server]: String(position),
      ...((replacements[member.name] ?? 0) > 0 ? { [CLUSTER_ENV.replaced]: "1" } : {}),
      ...(apiEndpoint === undefined ? {} : { [CLUSTER_ENV.endpoint]: apiEndpoint }),
      ...(names === "" ? {} : { [CLUSTER_ENV.names]: names }),
      ...manifestEnvironment(manifests),
    },
    secretEnv: {
      ...common.secretEnv,
      [K3S_ENV.token]: secretOf(facts, "k3s-token"),
      [K3S_ENV.agentToken]: secretOf(facts, "k3s-agent-token"),
      ...Object.fromEntries(
        [...TLS_FILES, ...BOOT_FILES].map((file) => [fileVariable(file), secretOf(facts, fileSecretKind(file))]),
      ),
    },
  };
}

/** Environment of a worker: of all secrets it has the token of workers only. */
export function workerEnvironment(
  facts: ClusterFacts,
  member: ClusterMember,
  registries: KubernetesClusterProps["registries"],
): MachineEnvironment {
  const common = commonEnvironment(facts, member, registries);
  return {
    env: { ...common.env, [K3S_ENV.url]: `https://${facts.servers[0]}:${API_PORT}` },
    secretEnv: { ...common.secretEnv, [K3S_ENV.token]: secretOf(facts, "k3s-agent-token") },
  };
}

function commonEnvironment(
  facts: ClusterFacts,
  { name, identity, config }: ClusterMember,
  registries: KubernetesClusterProps["registries"],
): MachineEnvironment {
  const password = Secret.fromReference(derivedReference("k3s-node-password", { identity, version: facts.generation }));
  const secret = isSecret(registries) ? registries : undefined;
  return {
    env: {
      [CLUSTER_ENV.name]: facts.name,
      [CLUSTER_ENV.servers]: facts.servers.join(" "),
      [CLUSTER_ENV.config]: literal(config),
      [CLUSTER_ENV.boot]: literal(BOOT_SCRIPT),
      [K3S_ENV.dataDir]: DATA_DIR,
      [K3S_ENV.flannelInterface]: "eth0",
      [K3S_ENV.nodeName]: name,
      ...(registries && !secret ? { [CLUSTER_ENV.registries]: literal(JSON.stringify(registries)) } : {}),
    },
    secretEnv: {
      [K3S_ENV.nodePassword]: password,
      ...(secret ? { [CLUSTER_ENV.registries]: secret } : {}),
    },
  };
}

function manifestEnvironment(manifests: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = Object.keys(manifests).sort();
  if (names.length === 0) return {};
  return {
    [CLUSTER_ENV.manifests]: names.join(" "),
    ...Object.fromEntries(names.map((name) => [manifestVariable(name), literal(manifests[name] ?? "")])),
  };
}

function secretOf({ identity, generation }: ClusterFacts, kind: string): Secret {
  return Secret.fromReference(derivedReference(kind, { identity, version: generation }));
}
