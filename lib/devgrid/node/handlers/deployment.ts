import { struct, unsigned64 } from "../../../model/wire/reader";
import { wireDeployment } from "../engine/admission";
import { type DeploymentRecord, isActive } from "../engine/deployment-store";
import type { NodeParts } from "../engine/node-parts";
import { NodeError } from "../node-error";
import { type CommandTable, readPayload } from "./command";

const contractArgs = struct<{ contract_id: number }>({ contract_id: unsigned64 });

/** The heart of a node: deployments of the calling twin. @source zosbase pkg/zos_api/deployment.go (node source) */
export const deploymentCommands: CommandTable = {
  "zos.deployment.deploy": async ({ admission }, twinId, payload) => {
    await admission.deploy(twinId, payload);
    return null;
  },

  "zos.deployment.update": async ({ admission }, twinId, payload) => {
    await admission.update(twinId, payload);
    return null;
  },

  "zos.deployment.get": ({ parts }, twinId, payload) => shuffled(requireRecord(parts, twinId, payload), parts.random),

  "zos.deployment.list": ({ parts }, twinId) =>
    parts.store
      .list()
      .filter((record) => record.twinId === twinId && isActive(record))
      .map((record) => shuffled(record, parts.random)),

  "zos.deployment.changes": ({ parts }, twinId, payload) => {
    const { changes } = requireRecord(parts, twinId, payload);
    return changes.length > 0 ? changes : null;
  },

  "zos.deployment.delete": () => {
    throw new NodeError("deletion over the api is disabled, please cancel your contract instead");
  },
};

function requireRecord(parts: NodeParts, twinId: number, payload: unknown): DeploymentRecord {
  const record = parts.store.get(twinId, readPayload(contractArgs, payload).contract_id);
  if (!record) throw new NodeError("deployment not found");
  return record;
}

/** Nodes keep workloads in a map, so that their order differs from call to call. */
function shuffled(record: DeploymentRecord, random: () => number): Readonly<Record<string, unknown>> {
  const deployment = wireDeployment(record);
  const keyed = deployment.workloads.map((workload) => ({ workload, key: random() }));
  return { ...deployment, workloads: keyed.sort((a, b) => a.key - b.key).map(({ workload }) => workload) };
}
