import { GIB } from "../../core/units";
import type { Capacity } from "../../model/capacity";
import { capacityOf, type Deployment } from "../../model/deployment";
import type { EngineContext } from "../context";
import { initialDocument } from "../deployment-document";
import type { DeploymentTarget } from "../deployment-target";
import { noRoom, type Shortage } from "../errors";
import { isUnreachable, refusalOf } from "./node-deployments";

/** What a node can run out of. Cores are shared: of them only the total counts. */
const AMOUNTS = [
  ["mru", "memory"],
  ["sru", "SSD"],
  ["hru", "HDD"],
] as const;

/** States in which a node counts a workload as used. */
const COUNTED: readonly string[] = ["ok", "paused"];

type Amounts = Pick<Capacity, "cru" | "mru" | "sru" | "hru">;

/** What something needs of a node. */
export interface Need extends Amounts {
  /** The user's word for it. */
  readonly title: string;
  /** Node it is meant for. */
  readonly nodeId: number;
  /** Contract under which it runs now. */
  readonly contractId: number;
}

/** What a deployment needs: cores of its largest machine, and bytes. */
export function needOf(target: DeploymentTarget, contractId: number): Need {
  const { title, nodeId } = target;
  const { mru, sru, hru } = capacityOf(initialDocument(target, 0, 0));
  return { title, nodeId, contractId, cru: mostCores(target), mru, sru, hru };
}

/**
 * Asks the node whether something that is about to be taken down will fit when it comes back: what runs must not be
 * removed for something that cannot start. Strangers may take the room in between; nothing is decided for a node that
 * does not say.
 *
 * @param own what it gives back by being taken down
 * @throws {GridError} TFG_NO_ROOM
 */
export async function requireRoom(
  context: EngineContext,
  need: Need,
  node: { readonly twinId: number; readonly own: Capacity },
): Promise<void> {
  const statistics = await readStatistics(context, node.twinId);
  if (!statistics) return;
  const { total, used } = statistics;
  const isTooMany = need.cru > total.cru;
  const shortages: Shortage[] = isTooMany ? [{ of: "cores", wanted: `${need.cru}`, free: `${total.cru}` }] : [];
  for (const [kind, of] of AMOUNTS) {
    const free = total[kind] - used[kind] + node.own[kind];
    // A node without SSD may put disks on HDD.
    if (total[kind] > 0 && need[kind] > free) shortages.push({ of, wanted: gib(need[kind]), free: gib(free) });
  }
  if (shortages.length > 0) throw noRoom(need, shortages);
}

/** What a deployment uses as its node counts it. */
export function usedBy({ workloads }: Pick<Deployment, "workloads">): Capacity {
  return capacityOf({ workloads: workloads.filter(({ result }) => COUNTED.includes(result.state)) });
}

async function readStatistics(
  context: EngineContext,
  nodeTwinId: number,
): Promise<{ readonly total: Amounts; readonly used: Amounts } | undefined> {
  const nodes = await context.nodes();
  try {
    const answer = await nodes.call(nodeTwinId, "zos.statistics.get", undefined, { signal: context.signal });
    const { total, used } = recordOf(answer);
    return { total: amountsOf(total), used: amountsOf(used) };
  } catch (error) {
    if (!isUnreachable(error) && refusalOf(error) === undefined) throw error;
    context.log("debug", "room not known", { reason: String(error) });
    return undefined;
  }
}

/** Amounts that a node leaves out or garbles count as unlimited: it will say itself what it lacks. */
function amountsOf(value: unknown): Amounts {
  const given = recordOf(value);
  const amount = (name: string) => (typeof given[name] === "number" ? given[name] : Number.POSITIVE_INFINITY);
  return { cru: amount("cru"), mru: amount("mru"), sru: amount("sru"), hru: amount("hru") };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** A machine may not have more cores than its node. */
function mostCores({ workloads }: DeploymentTarget): number {
  const cores = workloads.map((workload) =>
    "compute_capacity" in workload.data ? workload.data.compute_capacity.cpu : 0,
  );
  return Math.max(0, ...cores);
}

function gib(bytes: number): string {
  return `${Math.round((bytes / GIB) * 10) / 10} GiB`;
}
