/** What something uses or offers. */
export interface Capacity {
  /** Virtual cores. */
  readonly cru: number;
  /** Memory in bytes. */
  readonly mru: number;
  /** SSD in bytes. */
  readonly sru: number;
  /** HDD in bytes. */
  readonly hru: number;
  /** Public IPv4 addresses. */
  readonly ipv4u: number;
}

/** Uses nothing. */
export const NO_CAPACITY: Capacity = { cru: 0, mru: 0, sru: 0, hru: 0, ipv4u: 0 };

/** Adds up. */
export function sumCapacity(parts: readonly Capacity[]): Capacity {
  return parts.reduce(
    (sum, part) => ({
      cru: sum.cru + part.cru,
      mru: sum.mru + part.mru,
      sru: sum.sru + part.sru,
      hru: sum.hru + part.hru,
      ipv4u: sum.ipv4u + part.ipv4u,
    }),
    NO_CAPACITY,
  );
}
