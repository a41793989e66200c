/** Cores and bytes. */
interface Capacity {
  readonly cru: number;
  readonly mru: number;
  readonly sru: number;
  readonly hru: number;
}

/** What the tests look at in an item of `/nodes`. */
export interface NodeItem {
  readonly nodeId: number;
  readonly farmId: number;
  readonly farmName: string;
  readonly twinId: number;
  readonly country: string;
  readonly city: string;
  readonly status: string;
  readonly healthy: boolean;
  readonly certificationType: string;
  readonly total_resources: Capacity;
  readonly used_resources: Capacity;
  readonly publicConfig: { readonly domain: string; readonly ipv4: string; readonly ipv6: string };
  readonly inDedicatedFarm: boolean;
  readonly rentContractId: number;
  readonly rented: boolean;
  readonly rentable: boolean;
  readonly rentedByTwinId: number;
  readonly extraFee: number;
  readonly num_gpu: number;
  readonly farm_free_ips: number;
  readonly features: readonly string[];
}

/** What the tests look at in an item of `/farms`. */
export interface FarmItem {
  readonly farmId: number;
  readonly name: string;
  readonly twinId: number;
  readonly dedicated: boolean;
  readonly publicIps: readonly { readonly ip: string; readonly gateway: string; readonly contract_id: number }[];
}

/** What the tests look at in an item of `/contracts`. */
export interface ContractItem {
  readonly contract_id: number;
  readonly twin_id: number;
  readonly state: string;
  readonly created_at: number;
  readonly type: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What is not reserved or used. */
export function freeOf({ total_resources: total, used_resources: used }: NodeItem, kind: keyof Capacity): number {
  return total[kind] - used[kind];
}

/** Numbers of rows, in order: lists may come in any. */
export function idsOf(rows: readonly (NodeItem | FarmItem | ContractItem)[]): number[] {
  return rows.map(idOf).sort((one, other) => one - other);
}

function idOf(row: NodeItem | FarmItem | ContractItem): number {
  if ("nodeId" in row) return row.nodeId;
  return "contract_id" in row ? row.contract_id : row.farmId;
}
