import { GridError } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import { viewContract } from "../../../engine/node/node-deployments";
import type { NodeContract } from "../../../model/contract";
import type { AnyWorkload } from "../../../model/workloads/workload";

/** A mesh on one node, as the node has it. */
export type Slice = Extract<AnyWorkload, { readonly type: "network" | "network-light" }>;

/** Asks a member for its part of the mesh. @throws {GridError} TFG_IMPORT when it does not show it */
export async function readMemberSlice(engine: EngineContext, contract: NodeContract): Promise<Slice> {
  const view = await viewContract(engine, contract);
  const workloads = view.kind === "present" ? view.deployment.workloads : [];
  const slice = workloads.find(
    (workload): workload is Slice => workload.type === "network" || workload.type === "network-light",
  );
  if (!slice) throw view.kind === "unreachable" ? notReadable(contract) : holdsNone(contract);
  return slice;
}

function notReadable(contract: NodeContract): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `Node ${contract.nodeId} does not show its part of the network.`,
    facts: { contract: contract.contractId },
    standing: "Nothing was changed.",
    remedy: "try again once the node answers.",
    retryable: true,
  });
}

/** Its node was reinstalled, or the contract was migrated there. */
function holdsNone({ nodeId, contractId }: NodeContract): GridError {
  return new GridError({
    code: "TFG_IMPORT",
    summary: `Node ${nodeId} has nothing of the network under contract ${contractId}.`,
    facts: { contract: contractId },
    standing: `Nothing was changed; contract ${contractId} stands and bills, and nothing runs under it.`,
    remedy: `cancel contract ${contractId} if its node was reinstalled, or it was migrated there: the mesh's next apply makes that member anew.`,
  });
}
