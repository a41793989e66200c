import { Slots } from "../../../lib/grid/relay/slots";

/** Work that ends when told to. */
function gate(): { readonly work: () => Promise<string>; readonly open: () => void; isStarted: boolean } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const self = {
    isStarted: false,
    open: () => open(),
    work: async () => {
      self.isStarted = true;
      await opened;
      return "done";
    },
  };
  return self;
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("a bounded number of places", () => {
  it("lets the next in line start when one ends, also by failing", async () => {
    const slots = new Slots(1);
    const [first, second] = [gate(), gate()];
    const failing = slots.run(async () => {
      await first.work();
      throw new Error("failed");
    });
    const waiting = slots.run(second.work);
    await settle();
    expect([first.isStarted, second.isStarted]).toEqual([true, false]);
    first.open();
    await expect(failing).rejects.toThrow("failed");
    await settle();
    expect(second.isStarted).toBe(true);
    second.open();
    expect(await waiting).toBe("done");
  });

  it("keeps its places when somebody leaves the line", async () => {
    const slots = new Slots(1);
    const [first, left, last] = [gate(), gate(), gate()];
    const running = slots.run(first.work);
    const abort = new AbortController();
    const leaving = slots.run(left.work, abort.signal);
    const waiting = slots.run(last.work);
    abort.abort(new Error("stopped"));
    await expect(leaving).rejects.toThrow("stopped");
    first.open();
    last.open();
    expect(await Promise.all([running, waiting])).toEqual(["done", "done"]);
    expect(left.isStarted).toBe(false);
    await expect(slots.run(left.work, abort.signal)).rejects.toThrow("stopped");
  });
});
