import { LastUsed } from "../../../lib/grid/chain/last-used";

test("forgets what was not asked for longest", () => {
  const things = new LastUsed<number>(2);
  things.set("a", 1);
  things.set("b", 2);
  expect(things.get("a")).toBe(1);
  things.set("c", 3);
  expect(["a", "b", "c"].map((key) => things.get(key))).toEqual([1, undefined, 3]);
});
