import { SmartContractModule, TfgridModule } from "../../pallets/runtime";
import type { NodeRecord } from "../../pallets/tfgrid-types";
import type { ValuesOf } from "../../scale/composites";
import { endContractsOfNode } from "../contracts/contract-end";
import { raise, required } from "../failure";
import type { Handlers } from "../handlers";
import type { RuntimeState } from "../state";
import { twinOf } from "./twins";

const { storage } = TfgridModule;
const GIB = 1024 ** 3;

type NodeInput = Omit<ValuesOf<(typeof TfgridModule)["calls"]["create_node"]["args"]>, "farm_id">;

/** Nodes: what they say of themselves, and what their farmer decides. @source tfchain pallet-tfgrid, spec 149 */
export const nodeHandlers: Handlers<typeof TfgridModule> = {
  create_node: (state, account, { farm_id, ...input }) => {
    if (!state.get(storage.Farms, farm_id)) raise(TfgridModule, "FarmNotExists");
    const twin = required(twinOf(state, account), TfgridModule, "TwinNotExists");
    if (state.get(storage.NodeIdByTwinID, twin.id) !== 0) raise(TfgridModule, "NodeWithTwinIdExists");
    checkInput(input);
    createNode(state, { ...input, farmId: farm_id, twinId: twin.id, publicConfig: undefined, certification: "Diy" });
  },
  update_node: (state, account, { node_id, farm_id, ...input }) => {
    const node = required(state.get(storage.Nodes, node_id), TfgridModule, "NodeNotExists");
    const twin = required(twinOf(state, account), TfgridModule, "TwinNotExists");
    if (node.twin_id !== twin.id) raise(TfgridModule, "NodeUpdateNotAuthorized");
    if (!state.get(storage.Farms, farm_id)) raise(TfgridModule, "FarmNotExists");
    checkInput(input);
    const updated: NodeRecord = { ...node, ...input, farm_id };
    state.set(storage.Nodes, updated, node_id);
    state.emit(TfgridModule, "NodeUpdated", [updated]);
    return "free";
  },
  report_uptime: (state, account, { uptime }) => reportUptime(state, account, uptime),
  report_uptime_v2: (state, account, { uptime, timestamp_hint }) => {
    requireOwnNode(state, account);
    if (Math.abs(state.nowSeconds - timestamp_hint) > 60) raise(TfgridModule, "InvalidTimestampHint");
    return reportUptime(state, account, uptime);
  },
  add_node_public_config: (state, account, { farm_id, node_id, public_config }) => {
    const farm = required(state.get(storage.Farms, farm_id), TfgridModule, "FarmNotExists");
    const node = required(state.get(storage.Nodes, node_id), TfgridModule, "NodeNotExists");
    const twin = required(twinOf(state, account), TfgridModule, "TwinNotExists");
    if (farm.twin_id !== twin.id || node.farm_id !== farm_id) raise(TfgridModule, "NodeUpdateNotAuthorized");
    state.set(storage.Nodes, { ...node, public_config }, node_id);
    state.emit(TfgridModule, "NodePublicConfigStored", [node_id, public_config]);
  },
  delete_node: (state, account, { node_id }) => {
    const node = required(state.get(storage.Nodes, node_id), TfgridModule, "NodeNotExists");
    const twin = required(twinOf(state, account), TfgridModule, "TwinNotExists");
    if (node.twin_id !== twin.id) raise(TfgridModule, "NodeUpdateNotAuthorized");
    deleteNode(state, node);
  },
  delete_node_farm: (state, account, { node_id }) => {
    const node = required(state.get(storage.Nodes, node_id), TfgridModule, "NodeNotExists");
    requireFarmer(state, account, node, "FarmerNotAuthorized");
    deleteNode(state, node);
  },
  change_power_state: (state, account, { power_state }) => {
    const node = requireOwnNode(state, account);
    const powerState =
      power_state === "Up" ? ({ kind: "Up" } as const) : ({ kind: "Down", value: state.blockNumber } as const);
    setPower(state, node, { state: powerState });
    return "free";
  },
  change_power_target: (state, account, { node_id, power_target }) => {
    const node = required(state.get(storage.Nodes, node_id), TfgridModule, "NodeNotExists");
    requireFarmer(state, account, node, "UnauthorizedToChangePowerTarget");
    const contracts = state.get(SmartContractModule.storage.ActiveNodeContracts, node_id);
    if (power_target === "Down" && contracts.length > 0) raise(TfgridModule, "NodeHasActiveContracts");
    setPower(state, node, { target: power_target });
  },
};

/** Makes a node; what a node must fulfil is checked by the call. */
export function createNode(
  state: RuntimeState,
  {
    farmId,
    twinId,
    publicConfig,
    certification,
    ...input
  }: NodeInput & {
    farmId: number;
    twinId: number;
    publicConfig: NodeRecord["public_config"];
    certification: NodeRecord["certification"];
  },
): number {
  const id = state.next(storage.NodeID);
  const node: NodeRecord = {
    version: 1,
    id,
    farm_id: farmId,
    twin_id: twinId,
    ...input,
    public_config: publicConfig,
    created: state.nowSeconds,
    farming_policy_id: 1,
    certification,
    connection_price: state.get(storage.ConnectionPrice),
  };
  state.set(storage.Nodes, node, id);
  state.set(storage.NodeIdByTwinID, id, twinId);
  state.set(storage.NodesByFarmID, [...state.get(storage.NodesByFarmID, farmId), id], farmId);
  state.emit(TfgridModule, "NodeStored", [node]);
  return id;
}

type NodePower = ReturnType<typeof nodePower>;

/** A node's power: what it is and what its farmer wants it to be. */
export function nodePower(state: RuntimeState, nodeId: number) {
  return state.get(storage.NodePower, nodeId);
}

/** Changes a node's power. */
export function setPower(state: RuntimeState, node: NodeRecord, change: Partial<NodePower>): void {
  const next = { ...nodePower(state, node.id), ...change };
  state.set(storage.NodePower, next, node.id);
  const ids = { farm_id: node.farm_id, node_id: node.id };
  if (change.state) state.emit(TfgridModule, "PowerStateChanged", { ...ids, power_state: next.state });
  if (change.target) state.emit(TfgridModule, "PowerTargetChanged", { ...ids, power_target: next.target });
}

/** The node whose own twin calls. */
function requireOwnNode(state: RuntimeState, account: string): NodeRecord {
  const twin = required(twinOf(state, account), TfgridModule, "TwinNotExists");
  const nodeId = state.get(storage.NodeIdByTwinID, twin.id);
  return required(state.get(storage.Nodes, nodeId), TfgridModule, "NodeNotExists");
}

function requireFarmer(
  state: RuntimeState,
  account: string,
  node: NodeRecord,
  otherwise: (typeof TfgridModule)["errors"][number],
): void {
  const farm = required(state.get(storage.Farms, node.farm_id), TfgridModule, "FarmNotExists");
  const twin = required(twinOf(state, account), TfgridModule, "TwinNotExists");
  if (farm.twin_id !== twin.id) raise(TfgridModule, otherwise);
}

function deleteNode(state: RuntimeState, node: NodeRecord): void {
  endContractsOfNode(state, node.id, "CanceledByUser");
  state.remove(storage.Nodes, node.id);
  state.remove(storage.NodePower, node.id);
  state.remove(storage.NodeIdByTwinID, node.twin_id);
  const others = state.get(storage.NodesByFarmID, node.farm_id).filter((id) => id !== node.id);
  state.set(storage.NodesByFarmID, others, node.farm_id);
  state.emit(TfgridModule, "NodeDeleted", [node.id]);
}

function reportUptime(state: RuntimeState, account: string, uptime: number): "free" {
  const node = requireOwnNode(state, account);
  state.emit(TfgridModule, "NodeUptimeReported", [node.id, state.nowSeconds, uptime]);
  return "free";
}

function checkInput({ resources, location }: NodeInput): void {
  if (resources.cru < 1) raise(TfgridModule, "InvalidCRUInput");
  if (resources.mru < 2 * GIB) raise(TfgridModule, "InvalidMRUInput");
  if (resources.sru < 100 * GIB && resources.hru < 100 * GIB) raise(TfgridModule, "InvalidStorageInput");
  if (location.city === "") raise(TfgridModule, "CityNameTooShort");
  if (location.country.length < 2) raise(TfgridModule, "CountryNameTooShort");
  if (location.latitude === "") raise(TfgridModule, "LatitudeInputTooShort");
  if (!isCoordinate(location.latitude, 90)) raise(TfgridModule, "InvalidLatitudeInput");
  if (location.longitude === "") raise(TfgridModule, "LongitudeInputTooShort");
  if (!isCoordinate(location.longitude, 180)) raise(TfgridModule, "InvalidLongitudeInput");
}

function isCoordinate(text: string, limit: number): boolean {
  return text === "Unknown" || (text.trim() !== "" && Math.abs(Number(text)) <= limit);
}
