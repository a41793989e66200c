import { createHash } from "node:crypto";
import { Secret } from "../../core/secret";
import { GIB } from "../../core/units";
import { createKeyPair } from "../../model/key-pair";
import type { SeedNode } from "../ledger";
import type { Gpu, NodeHardware, NodeLocation, Pool } from "./hardware";

/** A farm to seed a fresh devgrid with. */
interface ParkFarm {
  /** Unique on the chain. */
  readonly name: string;
  /** Its nodes must be rented as a whole. */
  readonly isDedicated: boolean;
  /** CIDR and gateway of every public IPv4 it has to give away. */
  readonly ips: readonly { readonly ip: string; readonly gateway: string }[];
}

/** A node to seed a fresh devgrid with, and what it is made of. */
interface ParkNode {
  /** For the chain. */
  readonly seed: SeedNode;
  /** For the emulated node. */
  readonly hardware: NodeHardware;
}

/** Farms and nodes, both in the order of their numbers, which count from 1. */
export interface Park {
  /** Farm 1 first. */
  readonly farms: readonly ParkFarm[];
  /** Node 1 first. */
  readonly nodes: readonly ParkNode[];
}

interface NodePlan {
  readonly farmId: number;
  readonly city: City;
  readonly cru: number;
  readonly memoryGib: number;
  /** GiB of each SSD. */
  readonly ssds: readonly number[];
  /** GiB of each HDD. */
  readonly hdds?: readonly number[];
  readonly isCertified?: boolean;
  /** Last octet in the farm's public block; hidden when left out. */
  readonly publicOctet?: number;
  /** Label under `devgrid.test` when it is a gateway. */
  readonly gateway?: string;
  /** Public IPv6 of the network card, without a public config. */
  readonly ipv6?: string;
  readonly features?: NodeHardware["features"];
  readonly gpus?: readonly Gpu[];
}

interface City {
  readonly name: string;
  readonly country: string;
  readonly code: string;
  readonly continent: string;
  readonly at: readonly [latitude: number, longitude: number];
}

const GHENT: City = { name: "Ghent", country: "Belgium", code: "BE", continent: "Europe", at: [51.05, 3.72] };
const FALKENSTEIN: City = {
  name: "Falkenstein",
  country: "Germany",
  code: "DE",
  continent: "Europe",
  at: [50.48, 12.37],
};
const VIENNA: City = { name: "Vienna", country: "Austria", code: "AT", continent: "Europe", at: [48.21, 16.37] };
const ZURICH: City = { name: "Zurich", country: "Switzerland", code: "CH", continent: "Europe", at: [47.37, 8.54] };
const CAIRO: City = { name: "Cairo", country: "Egypt", code: "EG", continent: "Africa", at: [30.04, 31.24] };
const HELSINKI: City = { name: "Helsinki", country: "Finland", code: "FI", continent: "Europe", at: [60.17, 24.94] };

/** First three octets of the public block of each farm: the chain takes public unicast only, no documentation ranges. */
const FARM_BLOCKS = ["185.206.122", "195.192.213", "162.205.240"];

const FARMS: readonly ParkFarm[] = [
  { name: "Freefarm", isDedicated: false, ips: farmIps(0, 16) },
  { name: "Alpine-Nile", isDedicated: false, ips: farmIps(1, 8) },
  { name: "Ironworks", isDedicated: true, ips: farmIps(2, 4) },
];

const GPUS: readonly Gpu[] = [
  {
    id: "0000:28:00.0/1002/731f",
    vendor: "Advanced Micro Devices, Inc. [AMD/ATI]",
    device: "Radeon RX 5600 OEM",
    vram: 6144,
  },
  { id: "0000:41:00.0/10de/2204", vendor: "NVIDIA Corporation", device: "GA102 [GeForce RTX 3090]", vram: 24576 },
];

const PLANS: readonly NodePlan[] = [
  {
    farmId: 1,
    city: GHENT,
    cru: 32,
    memoryGib: 256,
    ssds: [2048, 2048],
    hdds: [4096, 4096],
    isCertified: true,
    publicOctet: 31,
    gateway: "gent01",
  },
  {
    farmId: 1,
    city: GHENT,
    cru: 24,
    memoryGib: 128,
    ssds: [1024, 1024],
    hdds: [8192],
    isCertified: true,
    publicOctet: 32,
    gateway: "gent02",
  },
  { farmId: 1, city: GHENT, cru: 8, memoryGib: 16, ssds: [500] },
  {
    farmId: 1,
    city: FALKENSTEIN,
    cru: 64,
    memoryGib: 512,
    ssds: [4096, 4096],
    hdds: [10240, 10240],
    isCertified: true,
    publicOctet: 33,
    gateway: "falk01",
  },
  { farmId: 1, city: FALKENSTEIN, cru: 16, memoryGib: 64, ssds: [1024], hdds: [4096], publicOctet: 34 },
  {
    farmId: 2,
    city: ZURICH,
    cru: 12,
    memoryGib: 32,
    ssds: [1024],
    hdds: [2048],
    ipv6: "2a02:1802:5e:16:ec4:7aff:fe30:82b1",
  },
  {
    farmId: 2,
    city: VIENNA,
    cru: 16,
    memoryGib: 64,
    ssds: [2048],
    hdds: [2048],
    publicOctet: 31,
    gateway: "vienna01",
    features: "light",
  },
  { farmId: 2, city: CAIRO, cru: 8, memoryGib: 32, ssds: [1024], features: "light-without-wireguard" },
  { farmId: 2, city: CAIRO, cru: 16, memoryGib: 64, ssds: [1024], hdds: [2048] },
  { farmId: 2, city: CAIRO, cru: 8, memoryGib: 16, ssds: [500] },
  {
    farmId: 3,
    city: HELSINKI,
    cru: 32,
    memoryGib: 256,
    ssds: [2048, 2048],
    isCertified: true,
    publicOctet: 31,
    gpus: GPUS,
  },
  { farmId: 3, city: HELSINKI, cru: 24, memoryGib: 192, ssds: [1024, 2048], hdds: [4096] },
];

/**
 * The farms and nodes of a fresh devgrid: 12 nodes in 3 farms, small and big, certified and not, gateways, hidden ones,
 * one reachable by IPv6 only, two light ones (one of them without WireGuard), one with GPUs, one dedicated farm.
 * The same seed gives the same keys.
 */
export async function createDefaultPark(seed: string): Promise<Park> {
  return { farms: FARMS, nodes: await Promise.all(PLANS.map((plan, i) => parkNode(plan, i + 1, seed))) };
}

async function parkNode(plan: NodePlan, nodeId: number, seed: string): Promise<ParkNode> {
  const nodeSeed = createHash("sha256").update(`devgrid node ${nodeId} ${seed}`).digest("hex");
  const hardware = hardwareOf(plan, nodeId);
  return {
    seed: {
      farmId: plan.farmId,
      keys: await createKeyPair(new Secret(nodeSeed), "ed25519"),
      resources: hardware.resources,
      country: plan.city.country,
      city: plan.city.name,
      latitude: `${plan.city.at[0]}`,
      longitude: `${plan.city.at[1]}`,
      publicConfig: hardware.publicConfig,
      isCertified: plan.isCertified ?? false,
    },
    hardware,
  };
}

function hardwareOf(plan: NodePlan, nodeId: number): NodeHardware {
  const hdds = plan.hdds ?? [];
  const features = plan.features ?? "zos3";
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0) * GIB;
  return {
    resources: { cru: plan.cru, mru: plan.memoryGib * GIB, sru: sum(plan.ssds), hru: sum(hdds) },
    pools: [...poolsOf("ssd", plan.ssds, nodeId), ...poolsOf("hdd", hdds, nodeId)],
    gpus: plan.gpus ?? [],
    publicConfig: publicConfigOf(plan),
    interfaces: {
      zos: [`192.168.${plan.farmId}.${10 + nodeId}`, ...(plan.ipv6 ? [plan.ipv6] : [])],
      ygg: features === "zos3" ? [yggAddress(nodeId)] : [],
    },
    features,
    location: locationOf(plan.city),
  };
}

/** Pools are named by their filesystem's UUID. */
function poolsOf(type: Pool["type"], sizes: readonly number[], nodeId: number): Pool[] {
  return sizes.map((size, i) => {
    const hex = createHash("md5").update(`${nodeId} ${type} ${i}`).digest("hex");
    const name = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
    return { name, type, size: size * GIB };
  });
}

function publicConfigOf(plan: NodePlan): NodeHardware["publicConfig"] {
  if (plan.publicOctet === undefined) return undefined;
  const block = FARM_BLOCKS[plan.farmId - 1];
  const ipv6Block = `2a10:b600:${plan.farmId}::`;
  return {
    ip4: `${block}.${plan.publicOctet}/24`,
    gw4: `${block}.1`,
    ip6: plan.isCertified ? `${ipv6Block}${plan.publicOctet}/64` : "",
    gw6: plan.isCertified ? `${ipv6Block}1` : "",
    domain: plan.gateway ? `${plan.gateway}.devgrid.test` : "",
  };
}

function locationOf({ name, country, code, continent, at }: City): NodeLocation {
  const [latitude, longitude] = at;
  return { latitude, longitude, continent, country_name: country, country_code: code, city_name: name };
}

function yggAddress(nodeId: number): string {
  const hex = createHash("md5").update(`ygg ${nodeId}`).digest("hex");
  return `300:${hex.slice(0, 4)}:${hex.slice(4, 8)}:${hex.slice(8, 12)}::1`.replace(/:0+(?=[0-9a-f])/g, ":");
}

function farmIps(farm: number, count: number): { ip: string; gateway: string }[] {
  const block = FARM_BLOCKS[farm];
  return Array.from({ length: count }, (_, i) => ({ ip: `${block}.${100 + i}/24`, gateway: `${block}.1` }));
}
