import type { StoredObject } from "../rpc-driver";

/** One object of a state. */
export interface Instance {
  readonly type: string;
  readonly object: StoredObject;
  readonly isTainted: boolean;
  /** Addresses it was made after. */
  readonly dependencies: readonly string[];
  /** Its former self, replaced and not destroyed yet. */
  readonly deposed?: StoredObject;
}

/** What a state file holds. */
export type State = ReadonlyMap<string, Instance>;

/** How a backend keeps the state: at once, or at the end and now and then before. @source terraform, state persist interval */
export const BACKENDS = ["local", "http"] as const;

/** One of them. */
export type Backend = (typeof BACKENDS)[number];

const PERSIST_MS = 20_000;

/** The state of one stack: what a run knows, and what survives the run. */
export class StateStore {
  #live: State = new Map();
  #kept: State = new Map();
  #keptAt = 0;

  constructor(
    private readonly backend: Backend,
    private readonly now: () => number,
  ) {}

  /** As the run knows it. */
  get state(): State {
    return this.#live;
  }

  /** A run begins with what was kept. */
  begin(): void {
    this.#live = this.#kept;
    this.#keptAt = this.now();
  }

  /** Changes one object; null takes it out. */
  set(address: string, instance: Instance | null): void {
    const next = new Map(this.#live);
    if (instance) next.set(address, instance);
    else next.delete(address);
    this.#live = next;
    if (this.backend === "local" || this.now() - this.#keptAt >= PERSIST_MS) this.persist();
  }

  /** Keeps what is known. */
  persist(): void {
    this.#kept = this.#live;
    this.#keptAt = this.now();
  }

  /** The working directory is lost, with everything in it. */
  lose(): void {
    this.#live = new Map();
    this.#kept = new Map();
  }
}
