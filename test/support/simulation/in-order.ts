/** A step, and those that come before it. */
export type Edge = readonly [step: string, before: readonly string[]];

/** All of them; steps that are not there hold up nobody. */
export type Edges = readonly Edge[];

/**
 * Does steps in the order of their edges, so many at a time. What comes after one that failed is left out.
 *
 * @param act whether it went well
 */
export async function inOrder(
  steps: readonly string[],
  edges: Edges,
  parallelism: number,
  act: (step: string) => Promise<boolean>,
): Promise<void> {
  const waitsFor = new Map(edges.map(([step, before]) => [step, before.filter((each) => steps.includes(each))]));
  const slots = new Slots(parallelism);
  const running = new Map<string, Promise<boolean>>();
  const start = (step: string): Promise<boolean> => {
    const known = running.get(step);
    if (known) return known;
    const going = (async () => {
      const fine = await Promise.all((waitsFor.get(step) ?? []).map(start));
      return fine.every(Boolean) && slots.use(() => act(step));
    })();
    running.set(step, going);
    return going;
  };
  await Promise.all(steps.map(start));
}

/** So many at a time. */
class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
