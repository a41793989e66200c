import { NO_CAPACITY } from "../capacity";
import { optional, struct } from "../wire/reader";
import {
  type MeshSlice,
  meshChallenge,
  meshSliceFields,
  myceliumProblem,
  type NetworkMycelium,
  type NetworkResult,
  peerProblem,
  readMycelium,
} from "./parts/mesh-slice";
import type { WorkloadModel } from "./workload";

export type { NetworkMycelium, NetworkResult, Peer } from "./parts/mesh-slice";

/**
 * One node's part of a mesh, on a full node. Its name is unique per twin on the node, over all deployments.
 *
 * @source zosbase pkg/gridtypes/zos/network.go
 */
export interface Network extends MeshSlice {
  /** Left out: machines get no mycelium address. */
  readonly mycelium?: NetworkMycelium;
}

/** Networks as the node sees them. */
export const network: WorkloadModel<"network"> = {
  read: struct<Network>({ ...meshSliceFields, mycelium: optional(readMycelium) }),
  readResult: struct<NetworkResult>({}),
  validate: (data) => {
    if (data.ip_range === "") return "network IP range cannot be empty";
    if (data.subnet === "") return "network resource subnet cannot empty";
    if (data.wireguard_private_key === "") return "network resource wireguard private key cannot empty";
    const badPeer = data.peers.map(peerProblem).find((problem) => problem !== undefined);
    return badPeer ?? (data.mycelium && myceliumProblem(data.mycelium));
  },
  capacity: () => NO_CAPACITY,
  challenge: (data) => meshChallenge(data, data.mycelium),
};
