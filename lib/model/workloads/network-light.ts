import { NO_CAPACITY } from "../capacity";
import { struct } from "../wire/reader";
import {
  type MeshSlice,
  meshChallenge,
  meshSliceFields,
  myceliumProblem,
  type NetworkMycelium,
  type NetworkResult,
  readMycelium,
} from "./parts/mesh-slice";
import type { WorkloadModel } from "./workload";

/**
 * One node's part of a mesh, on a light node. Without the node's `wireguard` feature the network is isolated, and only
 * `subnet` and `mycelium` are set; the hash then still holds `<nil>` for the range and `0` for the port.
 *
 * @source zosbase pkg/gridtypes/zos/network_light.go
 */
export interface NetworkLight extends MeshSlice {
  /** Required. */
  readonly mycelium: NetworkMycelium;
}

/** Networks on light nodes as the node sees them. It looks at no peer. */
export const networkLight: WorkloadModel<"network-light"> = {
  read: struct<NetworkLight>({ ...meshSliceFields, mycelium: readMycelium }),
  readResult: struct<NetworkResult>({}),
  validate: (data) => (data.subnet === "" ? "network resource subnet cannot empty" : myceliumProblem(data.mycelium)),
  capacity: () => NO_CAPACITY,
  challenge: (data) => meshChallenge(data, data.mycelium),
};
