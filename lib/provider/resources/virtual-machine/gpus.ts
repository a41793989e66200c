import { GridError, hasCode } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import { askFirst } from "../../../engine/node/ask-first";
import { requireGpus } from "../../../engine/node/free-gpus";
import type { ExclusiveUse } from "../../deployment/deployment-kind";
import { isWhollyKnown, type ObjectValue } from "../../schema/value";

/** A card works for one machine at a time. */
export function gpuUses({ node_id: nodeId, gpus }: ObjectValue): ExclusiveUse[] {
  if (typeof nodeId !== "number" || !Array.isArray(gpus)) return [];
  return gpus.flatMap((id, index) =>
    typeof id === "string"
      ? [{ thing: `graphics card ${id} of node ${nodeId}`, attribute: ["gpus", index], given: id }]
      : [],
  );
}

/** Cards that cannot be had. A node that is not heard from says so itself when it is to start something. */
export async function gpuObstacles(values: ObjectValue, engine: EngineContext): Promise<readonly GridError[]> {
  const { node_id: nodeId = null, gpus = null, name, contract_id: contractId } = values;
  if (typeof nodeId !== "number" || !Array.isArray(gpus) || !isWhollyKnown(gpus) || gpus.length === 0) return [];
  const wish = {
    title: `virtual machine ${String(name)}`,
    nodeId,
    gpus: gpus.map(String),
    contractId: typeof contractId === "string" ? Number(contractId) : undefined,
  };
  try {
    await askFirst(engine, wish, (nodeTwinId) => requireGpus(engine, { ...wish, nodeTwinId }));
    return [];
  } catch (error) {
    if (hasCode(error, "TFG_GPU")) return [error];
    if (engine.signal.aborted || !(error instanceof GridError)) throw error;
    engine.log("debug", "graphics cards not looked at", { reason: error.summary });
    return [];
  }
}
