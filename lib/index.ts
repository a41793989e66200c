/**
 * What a program that deploys to the ThreeFold Grid imports: constructs for everyday use, and the typed classes of every
 * Terraform resource (`virtualMachine.VirtualMachine`, `dataThreefoldNode.DataThreefoldNode`, …) for everything else.
 * Loading it loads no chain library and opens no socket.
 */

export { Backend, type BackendOptions, type BackendRoute } from "./constructs/backend";
export { DedicatedNode, type DedicatedNodeProps } from "./constructs/dedicated-node";
export { Gateway, type GatewayProps } from "./constructs/gateway";
export * from "./constructs/gen";
export { GridStack, type GridStackEndpoints, type GridStackProps } from "./constructs/grid-stack";
export {
  type ApplicationImage,
  type DockerOptions,
  type FlistOptions,
  Image,
  type ImageNeeds,
  type OfficialImage,
} from "./constructs/image";
export { JoinedMesh, type JoinedMeshProps } from "./constructs/joined-mesh";
export {
  type ClusterMachines,
  type ClusterServers,
  KubernetesCluster,
  type KubernetesClusterProps,
  type WorkerPool,
} from "./constructs/kubernetes-cluster";
export { type IMesh, NetworkMesh, type NetworkMeshProps } from "./constructs/network-mesh";
export { Placement, type PlacementRules } from "./constructs/placement";
export { QuantumStorage, type QuantumStorageProps } from "./constructs/quantum-storage";
export { RawDeployment, type RawDeploymentProps, type RawWorkload } from "./constructs/raw-deployment";
export { Secret } from "./constructs/secret";
export { Size } from "./constructs/size";
export {
  type MachineQuantumStorage,
  type MachineStorage,
  type NodeKind,
  VirtualMachine,
  type VirtualMachineProps,
} from "./constructs/virtual-machine";
export { Zdb, type ZdbConnection, type ZdbProps } from "./constructs/zdb";
export { ZdbPool, type ZdbPoolProps } from "./constructs/zdb-pool";
export { GridError } from "./core/errors";
