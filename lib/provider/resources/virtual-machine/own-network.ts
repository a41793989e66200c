import type { EngineContext } from "../../../engine/context";
import type { WantedWorkload } from "../../../engine/deployment-target";
import { chooseListenPort } from "../../../engine/node/listen-port";
import { networkNameOnGrid } from "../../../model/identity";
import type { KeyDerivation } from "../../../model/key-derivation";
import type { Attributes } from "../../schema/attributes";

/** Range of a network that holds one machine: it meets no other network, so every machine may have the same. */
const OWN_RANGE = "10.20.0.0/16";

/** The node's part of it. */
const OWN_SUBNET = "10.20.2.0/24";

/** Address of a machine in its own network. */
export const OWN_ADDRESS = "10.20.2.2";

/** An isolated network of a light node: without a key the node leaves WireGuard off, whether it has it or not. */
const NO_WIREGUARD = { ip_range: OWN_RANGE, wireguard_private_key: "", wireguard_listen_port: 0, peers: [] };

/** Stands for the port of its network while that is not chosen: nothing else hangs on it. */
export const ANY_PORT = 1024;

/** Name on the grid of the private network of a machine that joins no mesh. */
export function ownNetworkName(attributes: Attributes): string {
  const identity = `virtual_machine/${attributes.requireText("identity")}`;
  return networkNameOnGrid(attributes.requireText("identity"), scopeOf(attributes), identity);
}

/** The private network of a machine that joins no mesh: nodes start no machine without one. */
export function ownNetwork(attributes: Attributes, keys: KeyDerivation): WantedWorkload {
  const identity = `virtual_machine/${attributes.requireText("identity")}`;
  const nodeId = attributes.requireNumber("node_id");
  const wireguard = keys.bytes({ kind: "wireguard", identity, nodeId }, 32).toString("base64");
  const mycelium = { hex_key: keys.bytes({ kind: "mycelium", identity, nodeId }, 32).toString("hex"), peers: [] };
  const frame = {
    name: ownNetworkName(attributes),
    metadata: JSON.stringify({ version: 3, user_accesses: [] }),
    description: "",
  };
  if (attributes.flag("light")) {
    return { ...frame, type: "network-light", data: { ...NO_WIREGUARD, subnet: OWN_SUBNET, mycelium } };
  }
  return {
    ...frame,
    type: "network",
    data: {
      ip_range: OWN_RANGE,
      subnet: OWN_SUBNET,
      wireguard_private_key: wireguard,
      wireguard_listen_port: attributes.requireNumber("wireguard_port"),
      peers: [],
      ...(attributes.flag("mycelium") ? { mycelium } : {}),
    },
  };
}

/** A port for it that is free on its node. */
export async function chooseOwnPort(
  attributes: Attributes,
  keys: KeyDerivation,
  engine: EngineContext,
): Promise<number> {
  const identity = `virtual_machine/${attributes.requireText("identity")}`;
  return chooseListenPort(engine, keys, {
    identity,
    networkName: ownNetworkName(attributes),
    nodeId: attributes.requireNumber("node_id"),
    title: `virtual machine ${attributes.requireText("name")}`,
  });
}

function scopeOf(attributes: Attributes): string {
  return attributes.requireObject("project").requireText("key_scope");
}
