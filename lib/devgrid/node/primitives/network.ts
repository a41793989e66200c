import type { Workload } from "../../../model/workloads/workload";
import { trying } from "../node-error";
import type { Primitive, Site } from "./primitive";

type AnyNetwork = Workload<"network"> | Workload<"network-light">;

/** The node's part of a mesh. Any change is made by setting it up again. @source zosbase pkg/primitives/network */
export const network: Primitive<"network"> = { provision: setUp, update: setUp, deprovision: takeDown };

/** The same on light nodes. @source zosbase pkg/primitives/network-light */
export const networkLight: Primitive<"network-light"> = { provision: setUp, update: setUp, deprovision: takeDown };

function setUp({ name, data }: AnyNetwork, { node, twinId, id }: Site): null {
  trying(`failed to create network resource for network ${id}`, () =>
    node.networks.put({
      twinId,
      name,
      subnet: data.subnet,
      // A light node without a key leaves WireGuard off, and the port free.
      port: data.wireguard_private_key === "" ? 0 : data.wireguard_listen_port,
      myceliumKey: data.mycelium?.hex_key,
    }),
  );
  return null;
}

function takeDown({ name }: AnyNetwork, { node, twinId }: Site): void {
  node.networks.delete(twinId, name);
}
