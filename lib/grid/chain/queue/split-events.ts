/** An event of an extrinsic: pallet and name as metadata spells them, and its fields as the codecs print them. */
export interface ChainEvent {
  /** Camel case: `smartContractModule`. */
  readonly section: string;
  /** Pascal case: `ContractCreated`. */
  readonly method: string;
  /** In declared order. */
  readonly data: readonly unknown[];
}

/** What became of a group: the events of each of its calls, or the error its `ItemFailed` carries. */
export type GroupEvents =
  | { readonly kind: "done"; readonly calls: readonly (readonly ChainEvent[])[] }
  | { readonly kind: "refused"; readonly error: unknown };

/** Events up to and including a mark of the utility pallet. */
interface Stretch {
  readonly events: readonly ChainEvent[];
  readonly mark: ChainEvent;
}

const marks = new Set([
  "ItemCompleted",
  "ItemFailed",
  "BatchCompleted",
  "BatchCompletedWithErrors",
  "BatchInterrupted",
]);

/**
 * Splits the events of one `force_batch` by its items. An item of several calls is an inner `batch_all`, which marks
 * each of its calls and its own end before the outer batch marks the item; when it fails, none of its events remain.
 *
 * @param groupSizes calls in each group, in the order sent
 * @throws when the events do not fit the groups: their meaning would be a guess
 */
export function splitEvents(events: readonly ChainEvent[], groupSizes: readonly number[]): GroupEvents[] {
  const stretches = stretchesOf(events);
  return groupSizes.map((size) => readGroup(stretches, size));
}

function readGroup(stretches: Iterator<Stretch>, size: number): GroupEvents {
  const calls: (readonly ChainEvent[])[] = [];
  for (let call = 0; call < size; call++) {
    const { mark, events } = take(stretches);
    if (mark.method === "ItemFailed" && call === 0) return { kind: "refused", error: mark.data[0] };
    expect(mark, "ItemCompleted");
    calls.push(events);
  }
  if (size > 1) {
    expect(take(stretches).mark, "BatchCompleted");
    expect(take(stretches).mark, "ItemCompleted");
  }
  return { kind: "done", calls };
}

function* stretchesOf(events: readonly ChainEvent[]): Generator<Stretch, undefined> {
  let open: ChainEvent[] = [];
  for (const event of events) {
    open.push(event);
    if (event.section !== "utility" || !marks.has(event.method)) continue;
    yield { events: open, mark: event };
    open = [];
  }
}

function take(stretches: Iterator<Stretch>): Stretch {
  const { value, done } = stretches.next();
  if (done) throw new Error("the block's events end before every call of the extrinsic is accounted for");
  return value;
}

function expect(mark: ChainEvent, method: string): void {
  if (mark.method !== method) throw new Error(`expected ${method} in the block's events, found ${mark.method}`);
}
