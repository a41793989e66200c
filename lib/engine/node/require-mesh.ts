import { hasCode } from "../../core/errors";
import type { NodeContract } from "../../model/contract";
import type { EngineContext } from "../context";
import type { DeploymentTarget } from "../deployment-target";
import { outsideMesh } from "../errors";
import { type LooseDeployment, linksOf, listOwnDeployments } from "./own-deployments";

/** Networks that machines of a deployment join and that are not in it themselves. */
export function meshesOf({ workloads }: Pick<DeploymentTarget, "workloads">): readonly string[] {
  const own = namesOf(workloads);
  const links = workloads.flatMap((workload) => linksOf({ ...workload, data: { ...workload.data } }));
  return [...new Set(links.map(({ network }) => network))].filter((name) => !own.includes(name));
}

/**
 * Refuses to deploy a machine where its contract was migrated to when its mesh is not there: the node would refuse it,
 * each time anew. A machine that runs there is where it can be.
 *
 * @throws {GridError} TFG_MESH_ELSEWHERE
 */
export async function requireMeshThere(
  context: EngineContext,
  place: { readonly title: string; readonly nodeId: number; readonly meshes: readonly string[] },
  contract: NodeContract,
): Promise<void> {
  const { contractId, nodeId } = contract;
  const { meshes } = place;
  if (nodeId === place.nodeId || meshes.length === 0) return;
  const there = await ask(context, nodeId);
  if (there === undefined || there.some((each) => each.contractId === contractId)) return;
  const known = there.flatMap(({ workloads }) => namesOf(workloads));
  if (meshes.every((name) => known.includes(name))) return;
  throw outsideMesh(place, { contractId, nodeId, meshes });
}

/** A node that is silent is the next question's trouble. */
async function ask(context: EngineContext, nodeId: number): Promise<readonly LooseDeployment[] | undefined> {
  const node = await context.chain.getNode(nodeId, context.signal);
  if (!node) return undefined;
  return listOwnDeployments(context, node.twinId).catch((error) => {
    if (hasCode(error, "TFG_NODE_UNREACHABLE") || hasCode(error, "TFG_RELAY_UNREACHABLE")) return undefined;
    throw error;
  });
}

function namesOf(workloads: readonly { readonly name: string; readonly type: string }[]): string[] {
  return workloads.filter(({ type }) => type === "network" || type === "network-light").map(({ name }) => name);
}
