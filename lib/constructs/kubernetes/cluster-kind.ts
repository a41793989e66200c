import type { GatewayProps } from "../gateway";
import type { ClusterMachines, ClusterServers, KubernetesClusterProps, WorkerPool } from "../kubernetes-cluster";
import {
  flag,
  image,
  type Kind,
  listOf,
  mapOf,
  number,
  object,
  optional,
  ownMesh,
  placement,
  record,
  size,
  text,
} from "../private/kinds";

const machines: { readonly [Name in keyof Required<ClusterMachines>]: Kind } = {
  cpu: optional(number),
  memory: optional(size),
  disk: optional(size),
  placement: optional(placement),
  labels: optional(mapOf(text)),
  taints: optional(listOf(text)),
  config: optional(object),
  publicIpv4: optional(flag),
  mycelium: optional(flag),
};

/** What a cluster's properties are made of. */
export const clusterKind = record<KubernetesClusterProps>({
  mesh: ownMesh,
  servers: optional(record<ClusterServers>({ ...machines, count: optional(number) })),
  workers: optional(listOf(record<WorkerPool>({ ...machines, name: text, count: number }))),
  sshKeys: optional(listOf(text)),
  disable: optional(listOf(text)),
  manifests: optional(mapOf(text)),
  registries: optional(object),
  tlsSans: optional(listOf(text)),
  apiEndpoint: optional(text),
  apiGateway: optional(
    record<Pick<GatewayProps, "name" | "domain" | "placement">>({
      name: optional(text),
      domain: optional(text),
      placement: optional(placement),
    }),
  ),
  podRange: optional(text),
  serviceRange: optional(text),
  image: optional(image),
  generation: optional(number),
  replacements: optional(mapOf(number)),
  name: optional(text),
  identity: optional(text),
});
