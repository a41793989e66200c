import { GIB } from "../../../core/units";
import type { Pool } from "../hardware";
import { NodeError } from "../node-error";

/** What a piece of a pool is for: virtual disks and quota volumes share SSDs, zdb namespaces take whole HDDs. */
export type AllocationKind = "disk" | "volume" | "zdb";

/** Space taken on one pool. */
export interface Allocation {
  /** Unique among allocations of its kind. */
  readonly id: string;
  /** What it is for. */
  readonly kind: AllocationKind;
  /** Name of the pool. */
  readonly pool: string;
  /** Bytes. */
  size: number;
}

/** The node's own cache volume, on the first SSD. @source zosbase pkg/storage (node source); real ones grow by need */
export const CACHE_BYTES = 5 * GIB;

/**
 * Where disks, volumes and zdb namespaces find their place. Nothing spans two pools and nothing is overcommitted.
 *
 * @source zosbase pkg/storage (node source)
 */
export class StoragePools {
  readonly #pools: readonly Pool[];
  readonly #allocations: Allocation[];
  readonly #foreign: { ssd: number; hdd: number };

  constructor(
    pools: readonly Pool[],
    state: { readonly allocations: readonly Allocation[]; readonly foreign: { ssd: number; hdd: number } },
  ) {
    this.#pools = pools;
    this.#allocations = state.allocations.map((allocation) => ({ ...allocation }));
    this.#foreign = { ...state.foreign };
  }

  /** Space taken under an id, if any. */
  find(kind: AllocationKind, id: string): Allocation | undefined {
    return this.#allocations.find((allocation) => allocation.kind === kind && allocation.id === id);
  }

  /** Takes room for a disk or volume on one pool. @throws {NodeError} when no single pool has it */
  allocate(kind: "disk" | "volume", id: string, size: number): void {
    const pool = this.#diskPools()
      .filter((candidate) => this.#used(candidate) + size <= candidate.size)
      .sort((a, b) => this.#preference(b, kind) - this.#preference(a, kind) || this.#free(b) - this.#free(a))[0];
    if (!pool) throw new NodeError("not enough space left in pools of this type ssd");
    this.#allocations.push({ id, kind, pool: pool.name, size });
  }

  /** Takes room for a zdb namespace: on a disk that holds zdbs already, else on a whole fresh one. */
  allocateZdb(id: string, size: number): void {
    const disks = this.#pools.filter((pool) => pool.type === "hdd");
    const fits = (pool: Pool) => this.#used(pool) + size <= pool.size;
    const pool =
      disks.find((disk) => this.#holdsZdb(disk) && fits(disk)) ??
      disks.find((disk) => !this.#holdsZdb(disk) && fits(disk));
    if (!pool) {
      throw new NodeError("couldn't allocate device to satisfy namespace size: no more free devices found");
    }
    this.#allocations.push({ id, kind: "zdb", pool: pool.name, size });
  }

  /** Bytes still free on the pool that holds an allocation. */
  roomBeside(allocation: Allocation): number {
    const pool = this.#pools.find((candidate) => candidate.name === allocation.pool);
    return pool ? this.#free(pool) : 0;
  }

  /** Gives space back; an unknown id is no mistake. */
  release(kind: AllocationKind, id: string): void {
    const index = this.#allocations.findIndex((allocation) => allocation.kind === kind && allocation.id === id);
    if (index >= 0) this.#allocations.splice(index, 1);
  }

  /** Lets something other than a deployment take (or, negative, give back) bytes on the first pool of a type. */
  addForeign(type: "ssd" | "hdd", bytes: number): void {
    this.#foreign[type] = Math.max(0, this.#foreign[type] + bytes);
  }

  /** What `zos.storage.pools` answers. */
  metrics(): { name: string; type: string; size: number; used: number }[] {
    const ordered = [...this.#pools].sort((a, b) => Number(a.type === "hdd") - Number(b.type === "hdd"));
    return ordered.map((pool) => ({ name: pool.name, type: pool.type, size: pool.size, used: this.#used(pool) }));
  }

  /** Everything that is not hardware, ready for JSON. */
  toJson(): { allocations: Allocation[]; foreign: { ssd: number; hdd: number } } {
    return structuredClone({ allocations: this.#allocations, foreign: this.#foreign });
  }

  /** SSDs, or all there is on a node without any: such nodes put their disks on HDD. */
  #diskPools(): Pool[] {
    const ssds = this.#pools.filter((pool) => pool.type === "ssd");
    return ssds.length > 0 ? ssds : [...this.#pools];
  }

  /** Virtual disks stay together on a pool that has some; a sleeping pool is woken only when no other has room. */
  #preference(pool: Pool, kind: AllocationKind): number {
    const held = this.#allocations.filter((allocation) => allocation.pool === pool.name);
    if (kind === "disk" && held.some((allocation) => allocation.kind === "disk")) return 2;
    return held.length > 0 || this.#isCachePool(pool) ? 1 : 0;
  }

  #used(pool: Pool): number {
    const taken = this.#allocations
      .filter((allocation) => allocation.pool === pool.name)
      .reduce((sum, allocation) => sum + allocation.size, 0);
    const isFirst = this.#pools.find((candidate) => candidate.type === pool.type) === pool;
    const own = this.#isCachePool(pool) ? CACHE_BYTES : 0;
    return taken + own + (isFirst ? this.#foreign[pool.type] : 0);
  }

  #free(pool: Pool): number {
    return pool.size - this.#used(pool);
  }

  #isCachePool(pool: Pool): boolean {
    return this.#diskPools()[0] === pool;
  }

  #holdsZdb(pool: Pool): boolean {
    return this.#allocations.some((allocation) => allocation.kind === "zdb" && allocation.pool === pool.name);
  }
}
