/** Remembers a few things by key, and forgets what was not asked for longest. */
export class LastUsed<T> {
  readonly #limit: number;
  /** Longest unused first. */
  readonly #things = new Map<string, T>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): T | undefined {
    const thing = this.#things.get(key);
    if (thing !== undefined) this.set(key, thing);
    return thing;
  }

  set(key: string, thing: T): void {
    this.#things.delete(key);
    this.#things.set(key, thing);
    const [oldest] = this.#things.keys();
    if (oldest !== undefined && this.#things.size > this.#limit) this.#things.delete(oldest);
  }
}
