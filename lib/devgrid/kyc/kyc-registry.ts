/** Whether a person stands behind a twin. @source grid_client 2.9.2, KYC status values */
export type KycStatus = "VERIFIED" | "UNVERIFIED" | "REJECTED" | "PENDING";

/** Verification status by twin: everyone is verified until said otherwise. */
export class KycRegistry {
  readonly #statuses: Map<number, KycStatus>;

  constructor(statuses: Readonly<Record<string, KycStatus>> = {}) {
    this.#statuses = new Map(Object.entries(statuses).map(([twinId, status]) => [Number(twinId), status]));
  }

  /** The status that nodes and clients see. */
  statusOf(twinId: number): KycStatus {
    return this.#statuses.get(twinId) ?? "VERIFIED";
  }

  /** Changes a twin's status. */
  setStatus(twinId: number, status: KycStatus): void {
    if (status === "VERIFIED") this.#statuses.delete(twinId);
    else this.#statuses.set(twinId, status);
  }

  /** What differs from VERIFIED, for the state file. */
  toJSON(): Record<string, KycStatus> {
    return Object.fromEntries(this.#statuses);
  }
}
