import type { ObjectValue } from "../../lib/provider/schema/value";

/** Facts as a proposal or a state holds them. */
export function nodeFacts(nodeId: number, change: ObjectValue = {}): ObjectValue {
  const names = { farm_name: "f", country: "Belgium", city: "Ghent", region: "", public_ipv4: "", public_ipv6: "" };
  const total = {
    total_cpu: 8,
    total_memory_mib: 16 * 1024,
    total_ssd_gib: 500,
    total_hdd_gib: 0,
    farm_has_ipv4: false,
  };
  const rest = { twin_id: nodeId + 100, farm_id: 1, certified: false, domain: "", features: ["zmachine"] };
  return { node_id: nodeId, ...names, ...rest, ...total, ...change };
}
