import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wireguardAddress } from "../../../lib/model/mesh";
import type { MeshSlice } from "../../../lib/model/workloads/parts/mesh-slice";
import { Namespaces } from "./namespaces";

/** What a node or a user's computer is connected with. */
export interface Line {
  /** Public addresses, straight on the internet. */
  readonly publicIps: readonly string[];
  /** Whether it has IPv4 behind a router that lets nobody in. */
  readonly isBehindRouter: boolean;
}

/** Every router gives out the same addresses, as routers do. */
const HOME = { router: "192.168.1.1", host: "192.168.1.10" };

/** Translates what goes out, lets in only what was asked for. */
const ROUTER_RULES = `
table inet router {
  chain out { type nat hook postrouting priority 100; oifname "wan" masquerade; }
  chain through { type filter hook forward priority 0; iifname "wan" ct state new drop; }
  chain own { type filter hook input priority 0; iifname "wan" ct state new drop; }
}`;

/**
 * Nodes, machines and users' computers as namespaces around an internet that carries IPv4 and IPv6. Nodes are set up as
 * Zero-OS does it: WireGuard with the address of the subnet, a bridge for the machines, and a route for the whole range.
 *
 * @source zosbase pkg/network/nr
 */
export class MeshUnderlay {
  readonly #namespaces = new Namespaces("mesh");
  readonly #folder = mkdtempSync(join(tmpdir(), "mesh-underlay-"));
  #count = 0;

  constructor() {
    this.#namespaces.add("internet", ["link add inet type bridge", "link set inet up"]);
  }

  /** A node with its part of a mesh, as its network workload says. */
  addNode(name: string, slice: MeshSlice, line: Line): void {
    this.#addHost(name, line);
    const device = this.#newDevice();
    const prefix = slice.subnet.replace(/\.0\/24$/, "");
    this.#namespaces.run(name, ["wireguard-go", device]);
    this.#namespaces.run(name, ["wg", "setconf", device, this.#write(`${device}.conf`, wireguardConfig(slice))]);
    this.#namespaces.ip(name, [
      `address add ${wireguardAddress(slice.subnet)}/16 dev ${device}`,
      `link set ${device} up`,
      `route add ${slice.ip_range} dev ${device}`,
      "link add machines type bridge",
      "link set machines up",
      `address add ${prefix}.1/24 dev machines`,
    ]);
  }

  /** A machine with its address, on a node that is there. */
  addMachine(name: string, node: string, link: { readonly ip: string; readonly ipRange: string }): void {
    const cable = `m${this.#newDevice()}`;
    const gateway = link.ip.replace(/\.\d+$/, ".1");
    this.#namespaces.add(name, []);
    this.#namespaces.connect({ name, device: "eth0" }, { name: node, device: cable });
    this.#namespaces.ip(node, [`link set ${cable} master machines`]);
    const ranges = [link.ipRange, "100.64.0.0/16"];
    this.#namespaces.ip(name, [
      `address add ${link.ip}/24 dev eth0`,
      ...ranges.map((range) => `route add ${range} via ${gateway}`),
    ]);
  }

  /** A user's computer, behind a router, that was given a file for wg-quick. */
  addComputer(name: string, config: string): void {
    this.#addHost(name, { publicIps: [], isBehindRouter: true });
    this.#namespaces.run(name, ["wg-quick", "up", this.#write(`${this.#newDevice()}.conf`, config)]);
  }

  /** Starts a program in one of the namespaces. */
  start(name: string, command: readonly string[]): ReturnType<Namespaces["start"]> {
    return this.#namespaces.start(name, command);
  }

  /** Takes everything down. */
  close(): void {
    this.#namespaces.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #addHost(name: string, { publicIps, isBehindRouter }: Line): void {
    this.#namespaces.add(name, []);
    if (publicIps.length > 0) this.#plugIn(name, "eth0", publicIps);
    if (isBehindRouter) this.#addRouter(name);
  }

  #addRouter(behind: string): void {
    const router = `r${behind}`;
    this.#count += 1;
    this.#namespaces.add(router, []);
    this.#plugIn(router, "wan", [`162.205.240.${this.#count}`]);
    this.#namespaces.connect({ name: behind, device: "lan0" }, { name: router, device: "lan" });
    this.#namespaces.ip(router, [`address add ${HOME.router}/24 dev lan`]);
    this.#namespaces.ip(behind, [`address add ${HOME.host}/24 dev lan0`, `route add default via ${HOME.router}`]);
    this.#namespaces.run(router, ["nft", "-f", "-"], ROUTER_RULES);
  }

  #write(name: string, config: string): string {
    const file = join(this.#folder, name);
    writeFileSync(file, config, { mode: 0o600 });
    return file;
  }

  /** Everybody on the internet is one hop away. */
  #plugIn(name: string, device: string, ips: readonly string[]): void {
    const cable = `i${this.#newDevice()}`;
    this.#namespaces.connect({ name, device }, { name: "internet", device: cable });
    this.#namespaces.ip("internet", [`link set ${cable} master inet`]);
    this.#namespaces.ip(
      name,
      ips.flatMap((ip) =>
        ip.includes(":")
          ? [`address add ${ip}/128 dev ${device} nodad`, `route add ::/0 dev ${device}`]
          : [`address add ${ip}/32 dev ${device}`, `route add default dev ${device}`],
      ),
    );
  }

  /** WireGuard's control sockets are found by the device's name, whatever the namespace: no two may share one. */
  #newDevice(): string {
    this.#count += 1;
    return `w${process.pid}-${this.#count}`;
  }
}

function wireguardConfig(slice: MeshSlice): string {
  const peers = slice.peers.flatMap(({ wireguard_public_key, allowed_ips, endpoint }) => [
    "[Peer]",
    `PublicKey = ${wireguard_public_key}`,
    `AllowedIPs = ${allowed_ips.join(", ")}`,
    "PersistentKeepalive = 20",
    ...(endpoint === "" ? [] : [`Endpoint = ${endpoint}`]),
  ]);
  return [
    "[Interface]",
    `PrivateKey = ${slice.wireguard_private_key}`,
    `ListenPort = ${slice.wireguard_listen_port}`,
    ...peers,
  ].join("\n");
}
