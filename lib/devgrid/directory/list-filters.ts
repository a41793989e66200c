import { atLeast, claims, equals, isIn, isInTexts, isText, isTextIgnoringCase } from "./filters";
import type { ListSchema } from "./query";
import type { ContractJson, PublicIpJson, TwinJson } from "./rows";

/** What `/twins` may be asked. */
export const twinListSchema: ListSchema<TwinJson> = {
  filters: {
    twin_id: equals((twin) => twin.twinId),
    account_id: isText((twin) => twin.accountId),
    relay: isText((twin) => twin.relay),
    public_key: isText((twin) => twin.publicKey),
  },
  sorts: {
    twin_id: (twin) => twin.twinId,
    account_id: (twin) => twin.accountId,
    relay: (twin) => twin.relay,
    public_key: (twin) => twin.publicKey,
  },
  typeName: "Twin",
  defaultSort: "twin_id",
};

/** What `/contracts` may be asked. */
export const contractListSchema: ListSchema<ContractJson> = {
  filters: {
    contract_id: equals((contract) => contract.contract_id),
    twin_id: equals((contract) => contract.twin_id),
    node_id: equals(({ details }) => details.nodeId ?? 0),
    type: isText((contract) => contract.type),
    state: isInTexts((contract) => contract.state),
    name: isText(({ details }) => details.name ?? ""),
    number_of_public_ips: atLeast(({ details }) => details.number_of_public_ips ?? 0),
    deployment_data: isText(({ details }) => details.deployment_data ?? ""),
    deployment_hash: isText(({ details }) => details.deployment_hash ?? ""),
    farm_name: isTextIgnoringCase(({ details }) => details.farm_name),
    farm_id: equals(({ details }) => details.farm_id),
  },
  sorts: {
    contract_id: (contract) => contract.contract_id,
    twin_id: (contract) => contract.twin_id,
    state: (contract) => contract.state,
    created_at: (contract) => contract.created_at,
    type: (contract) => contract.type,
  },
  typeName: "Contract",
  defaultSort: "contract_id",
};

/** What `/public_ips` may be asked. */
export const publicIpListSchema: ListSchema<Required<PublicIpJson>> = {
  filters: {
    farm_ids: isIn((ip) => ip.farm_id),
    free: claims((ip) => ip.contract_id === 0),
    ip: isText((ip) => ip.ip),
    gateway: isText((ip) => ip.gateway),
  },
  sorts: {
    id: (ip) => ip.id,
    ip: (ip) => ip.ip,
    contract_id: (ip) => ip.contract_id,
    farm_id: (ip) => ip.farm_id,
  },
  typeName: "PublicIP",
  defaultSort: "id",
};
