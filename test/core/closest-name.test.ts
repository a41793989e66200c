import { closestName } from "../../lib/core/closest-name";

const NAMES = ["country", "city", "region", "farmId"];

test.each([
  ["contry", "country"],
  ["Country", "country"],
  ["cuontry", "country"],
  ["farmid", "farmId"],
  ["regions", "region"],
])("takes %s for %s", (given, meant) => {
  expect(closestName(given, NAMES)).toBe(meant);
});

test.each(["", "x", "place", "ct"])("takes %j for nothing in particular", (given) => {
  expect(closestName(given, NAMES)).toBeUndefined();
});
