import { type ChainEvent, splitEvents } from "../../../../lib/grid/chain/queue/split-events";

const utility = (method: string, ...data: unknown[]): ChainEvent => ({ section: "utility", method, data });
const made = (id: number): ChainEvent => ({ section: "smartContractModule", method: "ContractCreated", data: [id] });
const paid: ChainEvent = { section: "balances", method: "Withdraw", data: [] };
const idsOf = (events: readonly ChainEvent[]) =>
  events.filter((event) => event.method === "ContractCreated").map(({ data }) => data[0]);

describe("splitting the events of a forced batch", () => {
  test("gives each call its own events, whatever comes between", () => {
    const events = [
      paid,
      made(1),
      utility("ItemCompleted"),
      made(2),
      paid,
      utility("ItemCompleted"),
      utility("BatchCompleted"),
    ];
    const groups = splitEvents(events, [1, 1]);
    expect(groups.map((group) => group.kind === "done" && group.calls.map(idsOf))).toEqual([[[1]], [[2]]]);
  });

  test("does not take the marks of an inner batch for the outer ones", () => {
    const events = [
      made(1),
      utility("ItemCompleted"),
      made(2),
      utility("ItemCompleted"),
      utility("BatchCompleted"),
      utility("ItemCompleted"),
      made(3),
      utility("ItemCompleted"),
      utility("BatchCompleted"),
    ];
    const groups = splitEvents(events, [2, 1]);
    expect(groups.map((group) => group.kind === "done" && group.calls.map(idsOf))).toEqual([[[1], [2]], [[3]]]);
  });

  test("gives a refused group its error and its neighbours their events", () => {
    const events = [
      utility("ItemFailed", "because"),
      made(4),
      utility("ItemCompleted"),
      utility("ItemFailed", "also"),
      utility("BatchCompletedWithErrors"),
    ];
    expect(splitEvents(events, [3, 1, 1])).toMatchObject([
      { kind: "refused", error: "because" },
      { kind: "done" },
      { kind: "refused", error: "also" },
    ]);
  });

  test.each([
    ["an end before every call is told", [made(1), utility("ItemCompleted")], [1, 1]],
    [
      "an inner batch without its end",
      [utility("ItemCompleted"), utility("ItemCompleted"), utility("ItemCompleted")],
      [2],
    ],
    ["a batch that was interrupted", [utility("BatchInterrupted", 0)], [1]],
  ])("fails when the events show %s", (_, events, sizes) => {
    expect(() => splitEvents(events, sizes)).toThrow(/block's events/);
  });
});
