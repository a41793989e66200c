import { GIB } from "../../../core/units";
import { type Capacity, NO_CAPACITY, sumCapacity } from "../../../model/capacity";
import { parseWorkload } from "../../../model/deployment";
import { workloadCapacity } from "../../../model/workloads/registry";
import { NodeError } from "../node-error";
import type { NodeRuntime } from "../runtime/node-runtime";
import { CACHE_BYTES } from "../runtime/storage-pools";
import {
  currentsOf,
  type DeploymentRecord,
  type DeploymentStore,
  isOkay,
  type StoredWorkload,
  workloadId,
} from "./deployment-store";

/** What `zos.statistics.get` answers. */
export interface NodeStatistics {
  /** All there is. */
  readonly total: Capacity;
  /** Deployments and the node's own share. */
  readonly used: Capacity;
  /** The node's own share. */
  readonly system: Capacity;
  /** What deployments there are; the time is that of the youngest result, Unix seconds. */
  readonly users: {
    readonly deployments: number;
    readonly workloads: number;
    readonly last_deployment_timestamp: number;
  };
  /** Always 0 here. */
  readonly open_connections: number;
}

/** What the workloads of a deployment use: those that run, or would if they were paid for. */
export function usedBy(record: DeploymentRecord): Capacity {
  return sumCapacity(okayWorkloads(record).map(usedByEntry));
}

/** Total, used and reserved, and whose it is. */
export function statisticsOf(node: NodeRuntime, store: DeploymentStore): NodeStatistics {
  const active = store.list().filter((record) => okayWorkloads(record).length > 0);
  const entries = active.flatMap(okayWorkloads);
  const system = systemReserve(node);
  return {
    total: { ...node.surroundings.hardware.resources, ipv4u: 0 },
    used: sumCapacity([system, ...active.map(usedBy)]),
    system,
    users: {
      deployments: active.length,
      workloads: entries.length,
      last_deployment_timestamp: Math.max(0, ...entries.map((entry) => entry.result.created)),
    },
    open_connections: 0,
  };
}

/**
 * The only capacity check before a workload is provisioned: memory is never overcommitted, cores are never looked at.
 *
 * @throws {NodeError} with the bytes wanted and left
 * @source zosbase pkg/primitives/statistics.go (node source)
 */
export function requireMemory(wanted: Capacity, id: string, node: NodeRuntime, store: DeploymentStore): void {
  const total = node.surroundings.hardware.resources.mru;
  const others = store.list().flatMap((record) =>
    okayWorkloads(record)
      .filter((entry) => workloadId(record, entry.name) !== id)
      .map(usedByEntry),
  );
  const promised = sumCapacity(others).mru;
  const usable = total - Math.max(systemReserve(node).mru + promised, promised + node.foreignMemory);
  if (wanted.mru <= usable) return;
  const detail = `cannot fulfil required memory size ${wanted.mru} bytes out of usable ${Math.max(0, usable)} bytes`;
  throw new NodeError(`failed to satisfy required capacity: ${detail}`);
}

/** A tenth of memory but at least 2 GiB, and the cache. @source zosbase cmds/modules/provisiond (node source) */
function systemReserve(node: NodeRuntime): Capacity {
  const { mru } = node.surroundings.hardware.resources;
  return { ...NO_CAPACITY, mru: Math.max(Math.floor(mru / 10), 2 * GIB), sru: CACHE_BYTES };
}

/** Entries never change, and a busy node adds thousands of them up for every machine it starts. */
const knownCapacity = new WeakMap<StoredWorkload, Capacity>();

function usedByEntry(entry: StoredWorkload): Capacity {
  const known = knownCapacity.get(entry) ?? workloadCapacity(parseWorkload(entry, entry.name));
  knownCapacity.set(entry, known);
  return known;
}

function okayWorkloads(record: DeploymentRecord): StoredWorkload[] {
  return currentsOf(record).filter(isOkay);
}
