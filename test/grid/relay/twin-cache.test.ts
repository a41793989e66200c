import { TwinCache } from "../../../lib/grid/relay/twin-cache";
import { accountOf, twinOf } from "../../support/message-bus";

describe("the memory of twins", () => {
  it("asks the chain again after five minutes", async () => {
    let now = 0;
    let lookups = 0;
    const twin = twinOf(7, await accountOf(1));
    const cache = new TwinCache(
      async () => {
        lookups++;
        return twin;
      },
      { now: () => now, sleep: async () => undefined },
    );
    await Promise.all([cache.get(7), cache.get(7)]);
    now = 299_999;
    await cache.get(7);
    expect(lookups).toBe(1);
    now = 300_000;
    expect(await cache.get(7)).toBe(twin);
    expect(lookups).toBe(2);
  });

  it("keeps neither absence nor failure", async () => {
    const twin = twinOf(7, await accountOf(1));
    const answers = [async () => undefined, () => Promise.reject(new Error("chain is away")), async () => twin];
    const cache = new TwinCache(() => (answers.shift() ?? (async () => undefined))(), {
      now: () => 0,
      sleep: async () => undefined,
    });
    expect(await cache.get(7)).toBeUndefined();
    await expect(cache.get(7)).rejects.toThrow("chain is away");
    expect(await cache.get(7)).toBe(twin);
  });
});
