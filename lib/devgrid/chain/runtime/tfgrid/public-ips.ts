import { BlockList, isIPv4 } from "node:net";
import { TfgridModule } from "../../pallets/runtime";
import type { FarmRecord } from "../../pallets/tfgrid-types";
import type { RuntimeState } from "../state";

/** Ranges that are no public unicast. Documentation ranges are let through: a local grid has nothing else to offer. */
const notPublic = new BlockList();
for (const range of ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"]) {
  addRange(range);
}
for (const range of ["192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4"]) addRange(range);

/** True for a public unicast address in CIDR form whose network holds the gateway, another address. */
export function isPublicIpv4WithGateway(cidr: string, gateway: string): boolean {
  const [address = "", prefix = "", ...rest] = cidr.split("/");
  if (rest.length > 0 || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return false;
  if (!isIPv4(address) || !isIPv4(gateway) || address === gateway) return false;
  if (notPublic.check(address) || notPublic.check(gateway)) return false;
  const network = new BlockList();
  network.addSubnet(address, Number(prefix));
  return network.check(gateway);
}

/** Gives the first free addresses of the farm, in the farm's order, to a contract. */
export function reserveIps(
  state: RuntimeState,
  farm: FarmRecord,
  contractId: number,
  count: number,
): FarmRecord["public_ips"] {
  const free = farm.public_ips.filter(({ contract_id }) => contract_id === 0).slice(0, count);
  const taken = free.map((one) => ({ ...one, contract_id: contractId }));
  const byIp = new Map(taken.map((one) => [one.ip, one]));
  saveIps(state, farm, (one) => byIp.get(one.ip) ?? one);
  return taken;
}

/** Takes the addresses of a contract back; gives them as they are then. */
export function freeIps(state: RuntimeState, farmId: number, contractId: number): FarmRecord["public_ips"] {
  const farm = state.get(TfgridModule.storage.Farms, farmId);
  if (!farm) return [];
  const freed = farm.public_ips
    .filter(({ contract_id }) => contract_id === contractId)
    .map((one) => ({ ...one, contract_id: 0 }));
  saveIps(state, farm, (one) => (one.contract_id === contractId ? { ...one, contract_id: 0 } : one));
  return freed;
}

type FarmIpRecord = FarmRecord["public_ips"][number];

function saveIps(state: RuntimeState, farm: FarmRecord, change: (one: FarmIpRecord) => FarmIpRecord): void {
  state.set(TfgridModule.storage.Farms, { ...farm, public_ips: farm.public_ips.map(change) }, farm.id);
}

function addRange(range: string): void {
  const [address = "", prefix] = range.split("/");
  notPublic.addSubnet(address, Number(prefix));
}
