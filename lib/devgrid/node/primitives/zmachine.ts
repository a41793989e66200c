import { isUsableMyceliumSeed, myceliumAddress, myceliumMachineIp } from "../../../model/mesh/mycelium";
import { x25519PublicKey } from "../../../model/mesh/wireguard";
import { joinHostPort } from "../../../model/wire/host-port";
import { formatIp } from "../../../model/wire/ip-address";
import { workloadCapacity } from "../../../model/workloads/registry";
import { NodeError, trying } from "../node-error";
import type { NetworkResource } from "../runtime/network-resources";
import { expandGpus } from "./gpu";
import { type AnyMachine, boot, shutDown } from "./machine";
import { joinPrivateNetwork, joinPublicNetwork, requireMyceliumKey, yggdrasilAddress } from "./machine-network";
import { NO_ACTION, type Primitive, type Site } from "./primitive";

/** Machines of full nodes. @source zosbase pkg/primitives/vm (node source) */
export const zmachine: Primitive<"zmachine"> = {
  provision(machine, site) {
    if (site.node.machines.has(site.id)) return NO_ACTION;
    expandGpus(machine.data.gpu ?? [], site.isRented, site.node);
    const { public_ip, planetary } = machine.data.network;
    const nic = joinPrivateNetwork(machine, site);
    if (public_ip !== "") joinPublicNetwork(public_ip, site);
    const planetaryIp = planetary ? yggdrasilAddress(site) : "";
    const myceliumIp = joinMycelium(machine, site);
    boot(machine, workloadCapacity(machine).sru, site);
    const console_url = joinHostPort(nic.gateway, nic.consolePort);
    return { id: site.id, ip: nic.ip, planetary_ip: planetaryIp, mycelium_ip: myceliumIp, console_url };
  },
  deprovision: shutDown,
};

/** Machines of light nodes. @source zosbase pkg/primitives/vm-light (node source) */
export const zmachineLight: Primitive<"zmachine-light"> = {
  provision(machine, site) {
    if (site.node.machines.has(site.id)) return NO_ACTION;
    expandGpus(machine.data.gpu ?? [], site.isRented, site.node);
    const nic = joinPrivateNetwork(machine, site);
    const myceliumIp = joinMycelium(machine, site);
    boot(machine, workloadCapacity(machine).sru, site);
    const console_url = joinHostPort(overlayAddress(nic.network) ?? nic.gateway, nic.consolePort);
    return { id: site.id, ip: nic.ip, mycelium_ip: myceliumIp, console_url };
  },
  deprovision: shutDown,
};

/** The overlay address of a machine, "" when it asks for none. */
function joinMycelium(machine: AnyMachine, site: Site): string {
  const wanted = machine.data.network.mycelium;
  if (!wanted) return "";
  return trying("could not set up tap device", () => {
    const key = requireMyceliumKey(wanted.network, site);
    if (!isUsableMyceliumSeed(wanted.hex_seed)) throw new NodeError("invalid seed");
    return myceliumMachineIp(key, wanted.hex_seed);
  });
}

/** The node's own mycelium address inside a user's network. */
function overlayAddress({ myceliumKey }: NetworkResource): string | undefined {
  return myceliumKey && formatIp(myceliumAddress(x25519PublicKey(Buffer.from(myceliumKey, "hex"))));
}
