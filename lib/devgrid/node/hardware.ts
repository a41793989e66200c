import type { LedgerNode } from "../ledger";

/** A physical disk of a node. */
export interface Pool {
  /** UUID of its filesystem. */
  readonly name: string;
  /** HDDs hold zdb namespaces, SSDs everything else. */
  readonly type: "ssd" | "hdd";
  /** Bytes. */
  readonly size: number;
}

/** A graphics card in a node. */
export interface Gpu {
  /** PCI slot / vendor / device, the way a machine asks for it: `0000:28:00.0/1002/731f`. */
  readonly id: string;
  /** Vendor name. */
  readonly vendor: string;
  /** Device name. */
  readonly device: string;
  /** Memory in MiB. */
  readonly vram: number;
}

/** Where a node thinks it is, as `zos.location.get` answers. */
export interface NodeLocation {
  /** Degrees east. */
  readonly longitude: number;
  /** Degrees north. */
  readonly latitude: number;
  /** English name. */
  readonly continent: string;
  /** English name. */
  readonly country_name: string;
  /** Two capital letters. */
  readonly country_code: string;
  /** English name. */
  readonly city_name: string;
}

/** What an emulated node is made of. Bytes and cores. */
export interface NodeHardware {
  /** All there is. */
  readonly resources: LedgerNode["resources"];
  /** Its disks; their sizes add up to `resources.sru` and `resources.hru`. */
  readonly pools: readonly Pool[];
  /** May be none. */
  readonly gpus: readonly Gpu[];
  /** What its farmer configured; undefined on a hidden node. */
  readonly publicConfig: LedgerNode["publicConfig"];
  /** Addresses without a prefix length: the node's own network card, and its Yggdrasil address. */
  readonly interfaces: { readonly zos: readonly string[]; readonly ygg: readonly string[] };
  /** Which Zero-OS it runs. Light nodes have had WireGuard since late 2025 only. */
  readonly features: "zos3" | "light" | "light-without-wireguard";
  /** Where it stands. */
  readonly location: NodeLocation;
}

/** A node that runs the small network stack: no public addresses, no Yggdrasil, its own machine and network types. */
export function isLight(hardware: NodeHardware): boolean {
  return hardware.features !== "zos3";
}

/** What `zos.system.node_features_get` answers. @source zosbase pkg/monitord/system.go (node source) */
export function featuresOf(hardware: NodeHardware): string[] {
  const shared = ["zmount", "zdb", "volume", "qsfs", "zlogs", "mycelium"];
  const gateways = ["gateway-name-proxy", "gateway-fqdn-proxy"];
  if (!isLight(hardware)) {
    return [...shared, ...gateways, "network", "zmachine", "ipv4", "ip", "yggdrasil", "wireguard"];
  }
  const light = [...shared, "zmachine-light", "network-light"];
  if (hardware.features === "light") light.push("wireguard");
  return hardware.publicConfig?.domain ? [...light, ...gateways] : light;
}
