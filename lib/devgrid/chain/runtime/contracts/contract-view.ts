import type { Contract, ContractState, FarmIp } from "../../../../model/contract";
import type { ContractRecord } from "../../pallets/smart-contract-types";
import type { FarmRecord } from "../../pallets/tfgrid-types";

/** A contract in the words of the model. */
export function toContract(record: ContractRecord): Contract {
  const base = { contractId: record.contract_id, twinId: record.twin_id, state: toState(record.state) };
  const type = record.contract_type;
  if (type.kind === "NameContract") return { ...base, kind: "name", name: type.value.name };
  if (type.kind === "RentContract") return { ...base, kind: "rent", nodeId: type.value.node_id };
  return {
    ...base,
    kind: "node",
    nodeId: type.value.node_id,
    deploymentHash: type.value.deployment_hash,
    deploymentData: Buffer.from(type.value.deployment_data, "latin1").toString("utf8"),
    publicIps: type.value.public_ips,
    publicIpsList: type.value.public_ips_list.map(toFarmIp),
  };
}

/** A farm's address in the words of the model. */
export function toFarmIp({ ip, gateway, contract_id }: FarmRecord["public_ips"][number]): FarmIp {
  return { ip, gateway, contractId: contract_id };
}

function toState(state: ContractRecord["state"]): ContractState {
  if (state.kind === "GracePeriod") return { kind: "GracePeriod", sinceBlock: state.value };
  if (state.kind === "Deleted") return { kind: "Deleted", cause: state.value };
  return { kind: "Created" };
}
