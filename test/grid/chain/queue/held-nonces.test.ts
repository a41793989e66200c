import { HeldNonces } from "../../../../lib/grid/chain/queue/held-nonces";
import { tipOf } from "../../../../lib/grid/chain/queue/tip";

describe("choosing a nonce", () => {
  test("takes the first that nobody has, ours included that the endpoint does not know of", () => {
    const nonces = new HeldNonces();
    nonces.hold(4);
    nonces.hold(5);
    expect([nonces.choose(3), nonces.choose(4), nonces.choose(7)]).toEqual([3, 6, 7]);
    expect([nonces.isLowest(4), nonces.isLowest(5)]).toEqual([true, false]);
    nonces.release(4);
    expect(nonces.choose(4)).toBe(4);
    expect([nonces.has(4), nonces.isLowest(5)]).toEqual([false, true]);
  });
});

test("a tip grows with every signing, up to the base fee and hardly beyond", () => {
  const tips = Array.from({ length: 9 }, (_, place) => tipOf(place));
  expect(tips).toEqual([0n, 1n, 10n, 100n, 1_000n, 10_000n, 10_001n, 10_002n, 10_003n]);
});
