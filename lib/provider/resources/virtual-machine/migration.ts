import { GridError, hasCode } from "../../../core/errors";
import type { EngineContext } from "../../../engine/context";
import { requireMeshThere } from "../../../engine/node/require-mesh";
import { contractNumber } from "../../deployment/contract-number";
import { isObjectValue, type ObjectValue } from "../../schema/value";

/** Why a machine of a mesh cannot be brought up where its contract was migrated to. What cannot be asked says so at apply. */
export async function meshRefusals(values: ObjectValue, engine: EngineContext): Promise<readonly GridError[]> {
  const { contract_id: id, node_id: nodeId, network = null, name } = values;
  const contractId = contractNumber(id);
  if (contractId === undefined || typeof nodeId !== "number" || !isObjectValue(network)) return [];
  try {
    const contract = await engine.chain.getContract(contractId, engine.signal);
    if (contract?.kind !== "node") return [];
    const title = `virtual machine ${String(name)}`;
    await requireMeshThere(engine, { title, nodeId, meshes: [String(network.name)] }, contract);
    return [];
  } catch (error) {
    if (hasCode(error, "TFG_MESH_ELSEWHERE")) return [error];
    if (engine.signal.aborted || !(error instanceof GridError)) throw error;
    engine.log("debug", "mesh not looked for", { reason: error.summary });
    return [];
  }
}
