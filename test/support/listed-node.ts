import type { DirectoryNode } from "../../lib/grid/clients";

const GIB = 1024 ** 3;

/** A node as a directory client gives it: up, healthy, empty. */
export function listedNode(nodeId: number, change: Partial<DirectoryNode> = {}): DirectoryNode {
  const capacity = { cru: 8, mru: 32 * GIB, sru: 500 * GIB, hru: 0 };
  const place = { country: "Belgium", city: "Ghent", region: undefined, publicIpv4: "", publicIpv6: "", domain: "" };
  const owner = { farmId: 1, farmName: "f", isInDedicatedFarm: false, rentedByTwinId: 0, extraFee: 0, farmFreeIps: 0 };
  const state = {
    status: "up",
    isCertified: false,
    isHealthy: true,
    features: [],
    numGpu: 0,
    isRentable: true,
  } as const;
  const used = { cru: 0, mru: 0, sru: 0, hru: 0 };
  return { nodeId, twinId: nodeId + 100, ...place, ...owner, ...state, total: capacity, used, ...change };
}
