import { type Deployment, parseDeployment } from "../../lib/model/deployment";

type Json = Record<string, unknown>;

/** A workload as JSON, with everything that is not given left out as hand-written JSON does. */
export function workloadJson(type: string, name: string, data: unknown, more: Json = {}): Json {
  return { version: 0, name, type, data, ...more };
}

/** Arguments of a small machine in network `net1`. */
export function machineJson(more: Json = {}): Json {
  return {
    flist: "https://hub.grid.tf/tf-official-apps/threefoldtech-alpine-3.flist",
    network: { public_ip: "", planetary: false, interfaces: [{ network: "net1", ip: "10.20.2.2" }] },
    size: 0,
    compute_capacity: { cpu: 1, memory: 536870912 },
    ...more,
  };
}

/** A deployment of twin 703 under contract 55. */
export function deploymentOf(workloads: readonly Json[], more: Json = {}): Deployment {
  return parseDeployment({
    version: 0,
    twin_id: 703,
    contract_id: 55,
    signature_requirement: { requests: [{ twin_id: 703, weight: 1 }], weight_required: 1 },
    workloads,
    ...more,
  });
}
