import { createHash } from "node:crypto";
import { cidrContains, formatIp, parseCidr, parseIp } from "../../../model/wire/ip-address";
import { NodeError, trying } from "../node-error";
import type { NetworkResource } from "../runtime/network-resources";
import type { AnyMachine } from "./machine";
import type { Site } from "./primitive";
import { publicIpFacts } from "./public-ip";

/** First port of machine consoles; the last octet of the machine's address is added. @source zosbase pkg/vm/ch.go */
const CONSOLE_PORT = 20_000;

/** Where a machine sits in its private network. */
export interface PrivateInterface {
  /** The machine's address. */
  readonly ip: string;
  /** The node's part of the network. */
  readonly network: NetworkResource;
  /** The node's own address in the network. */
  readonly gateway: string;
  /** Where its console listens. */
  readonly consolePort: number;
}

/** Puts a machine into its private network. Nobody looks whether another machine has the address already. */
export function joinPrivateNetwork(machine: AnyMachine, { node, twinId }: Site): PrivateInterface {
  const [wanted, ...others] = machine.data.network.interfaces;
  if (!wanted || others.length > 0) throw new NodeError("only one private network is support");
  const network = trying("could not get network resource subnet", () => node.networks.require(twinId, wanted.network));
  const ip = parseIp(wanted.ip);
  if (ip?.length !== 4) throw new NodeError("invalid IPv4 supplied to wg interface");
  const subnet = parseCidr(network.subnet);
  if (!subnet || !cidrContains(subnet, ip)) {
    throw new NodeError(`IP ${formatIp(ip)} is not part of local nr subnet ${network.subnet}`);
  }
  const lastOctet = ip[3] ?? 0;
  if (lastOctet === 1) throw new NodeError(`ip ${formatIp(ip)} is reserved`);
  return {
    ip: formatIp(ip),
    network,
    gateway: formatIp(Uint8Array.from([...ip.subarray(0, 3), 1])),
    consolePort: CONSOLE_PORT + lastOctet,
  };
}

/** Attaches the public address workload that a machine names. */
export function joinPublicNetwork(name: string, { sibling }: Site): void {
  const address = sibling(name)?.workload;
  if (!address) throw new NodeError("workload not found");
  if (address.type !== "ip" && address.type !== "ipv4") {
    throw new NodeError("could not get public ip config: workload for public IP is of wrong type");
  }
  if (!publicIpFacts(address)) throw new NodeError("could not get public ip config: public ip workload is not okay");
}

/** The Yggdrasil address of a machine or a file system: made of its id, inside the node's own /64. */
export function yggdrasilAddress({ node, id }: Site): string {
  const own = parseIp(node.surroundings.hardware.interfaces.ygg[0] ?? "") ?? new Uint8Array(16);
  return formatIp(Uint8Array.from([...own.subarray(0, 8), ...createHash("md5").update(id).digest().subarray(0, 8)]));
}

/** The mycelium key of the network that a machine wants an overlay address from. */
export function requireMyceliumKey(networkName: string, { node, twinId }: Site): string {
  const network = node.networks.require(twinId, networkName);
  if (network.myceliumKey === undefined) throw new NodeError("network resource does not support mycelium");
  return network.myceliumKey;
}
