import { TfgridModule } from "../../pallets/runtime";
import type { FarmRecord } from "../../pallets/tfgrid-types";
import { raise, required } from "../failure";
import type { Handlers } from "../handlers";
import type { RuntimeState } from "../state";
import { isPublicIpv4WithGateway } from "./public-ips";
import { twinOf } from "./twins";

const { storage } = TfgridModule;

/** Farms and their addresses. @source tfchain pallet-tfgrid, spec 149 */
export const farmHandlers: Handlers<typeof TfgridModule> = {
  create_farm: (state, account, { name, public_ips }) => {
    const twin = required(twinOf(state, account), TfgridModule, "TwinNotExists");
    if (state.get(storage.FarmIdByName, name) !== 0) raise(TfgridModule, "FarmExists");
    checkName(name);
    for (const { ip, gw } of public_ips) checkPublicIp(ip, gw);
    if (new Set(public_ips.map(({ ip }) => ip)).size < public_ips.length) raise(TfgridModule, "IpExists");
    createFarm(state, {
      name,
      twinId: twin.id,
      isDedicated: false,
      ips: public_ips.map(({ ip, gw }) => ({ ip, gateway: gw })),
    });
  },
  update_farm: (state, account, { farm_id, name }) => {
    const farm = requireOwnFarm(state, account, farm_id);
    const holder = state.get(storage.FarmIdByName, name);
    if (holder !== 0 && holder !== farm_id) raise(TfgridModule, "InvalidFarmName");
    checkName(name);
    state.remove(storage.FarmIdByName, farm.name);
    state.set(storage.FarmIdByName, farm_id, name);
    saveFarm(state, { ...farm, name });
  },
  add_farm_ip: (state, account, { farm_id, ip, gw }) => {
    const farm = requireOwnFarm(state, account, farm_id);
    checkPublicIp(ip, gw);
    if (farm.public_ips.some((one) => one.ip === ip)) raise(TfgridModule, "IpExists");
    saveFarm(state, { ...farm, public_ips: [...farm.public_ips, { ip, gateway: gw, contract_id: 0 }] });
  },
  remove_farm_ip: (state, account, { farm_id, ip }) => {
    const farm = requireOwnFarm(state, account, farm_id);
    const kept = farm.public_ips.filter((one) => one.ip !== ip || one.contract_id !== 0);
    if (kept.length === farm.public_ips.length) raise(TfgridModule, "IpNotExists");
    saveFarm(state, { ...farm, public_ips: kept });
  },
};

/** Makes a farm; what a farm must fulfil is checked by the call. */
export function createFarm(
  state: RuntimeState,
  farm: {
    name: string;
    twinId: number;
    isDedicated: boolean;
    ips: readonly { readonly ip: string; readonly gateway: string }[];
  },
): number {
  const id = state.next(storage.FarmID);
  const record: FarmRecord = {
    version: 1,
    id,
    name: farm.name,
    twin_id: farm.twinId,
    pricing_policy_id: 1,
    certification: "NotCertified",
    public_ips: farm.ips.map(({ ip, gateway }) => ({ ip, gateway, contract_id: 0 })),
    dedicated_farm: farm.isDedicated,
    farming_policy_limits: undefined,
  };
  state.set(storage.Farms, record, id);
  state.set(storage.FarmIdByName, id, farm.name);
  state.emit(TfgridModule, "FarmStored", [record]);
  return id;
}

/** The farm, when the account's twin owns it. */
export function requireOwnFarm(state: RuntimeState, account: string, farmId: number): FarmRecord {
  const twin = required(twinOf(state, account), TfgridModule, "TwinNotExists");
  const farm = required(state.get(storage.Farms, farmId), TfgridModule, "FarmNotExists");
  if (farm.twin_id !== twin.id) raise(TfgridModule, "CannotUpdateFarmWrongTwin");
  return farm;
}

function saveFarm(state: RuntimeState, farm: FarmRecord): void {
  state.set(storage.Farms, farm, farm.id);
  state.emit(TfgridModule, "FarmUpdated", [farm]);
}

function checkName(name: string): void {
  if (name.length < 3) raise(TfgridModule, "FarmNameTooShort");
  if (!/^[A-Za-z0-9_-]+$/.test(name)) raise(TfgridModule, "InvalidFarmName");
}

function checkPublicIp(ip: string, gateway: string): void {
  if (!isPublicIpv4WithGateway(ip, gateway)) raise(TfgridModule, "InvalidPublicIP");
}
