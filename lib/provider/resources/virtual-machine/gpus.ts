import { GridError, hasCode } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import { askFirst } from "../../../engine/node/ask-first";
import { requireGpus } from "../../../engine/node/free-gpus";
import { contractNumber } from "../../deployment/contract-number";
import type { ExclusiveUse } from "../../deployment/deployment-kind";
import { isObjectValue, isWhollyKnown, type ObjectValue } from "../../schema/value";

/** A card works for one machine at a time. */
export function gpuUses({ node_id: nodeId, gpus }: ObjectValue): ExclusiveUse[] {
  if (typeof nodeId !== "number" || !Array.isArray(gpus)) return [];
  return gpus.flatMap((id, index) =>
    typeof id === "string"
      ? [{ thing: `graphics card ${id} of node ${nodeId}`, attribute: ["gpus", index], given: id }]
      : [],
  );
}

/** Cards that an apply could not have. A node that is not heard from says so itself when it is to start something. */
export async function gpuRefusals(values: ObjectValue, engine: EngineContext): Promise<readonly GridError[]> {
  const { node_id: nodeId = null, gpus = null, name } = values;
  if (typeof nodeId !== "number" || !Array.isArray(gpus) || !isWhollyKnown(gpus) || gpus.length === 0) return [];
  const wish = { title: `virtual machine ${String(name)}`, nodeId, gpus: gpus.map(String) };
  try {
    const contractId = await ownContract(values, engine);
    await askFirst(engine, wish, (nodeTwinId) => requireGpus(engine, { ...wish, nodeTwinId, contractId }));
    return [];
  } catch (error) {
    if (hasCode(error, "TFG_GPU")) return [error];
    if (engine.signal.aborted || !(error instanceof GridError)) throw error;
    engine.log("debug", "graphics cards not looked at", { reason: error.summary });
    return [];
  }
}

/** The contract it runs under, or that a lost state has left for it: its cards are its own. */
async function ownContract(values: ObjectValue, engine: EngineContext): Promise<number | undefined> {
  const { contract_id: contractId, node_id: nodeId, project, identity } = values;
  const lineage = isObjectValue(project) ? project.id : undefined;
  if (typeof contractId === "string" || typeof lineage !== "string") return contractNumber(contractId);
  const made = { lineage, role: `virtual_machine/${String(identity)}` };
  const found = await engine.ownContracts.findElsewhere(made, engine.signal);
  return found.find((contract) => contract.nodeId === nodeId)?.contractId;
}
