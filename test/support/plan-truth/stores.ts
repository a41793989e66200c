import { isDeepStrictEqual } from "node:util";
import type { Dice } from "./dice";
import { changed, type Draft, lostStorage, type Subject } from "./subject";

const MUTATIONS: readonly ((dice: Dice, draft: Draft) => Draft)[] = [
  (dice, draft) => changed(draft, { size_gib: dice.pick([1, 5, 10, 20]) }),
  (dice, draft) => changed(draft, { size_gib: dice.pick([1, 5, 10, 20]) }),
  (dice, draft) => changed(draft, { mode: dice.pick([undefined, "user", "user", "seq"]) }),
  (dice, draft) => changed(draft, { public: dice.pick([undefined, false, true]) }),
  (dice, draft) => changed(draft, { password_version: dice.pick([undefined, 1, 2]) }),
  (dice, draft) => changed(draft, { name: dice.pick(["db", "store"]) }),
  (dice, draft) => changed(draft, { allow_data_loss: dice.pick([undefined, false, true]) }),
  (dice, draft) => changed(draft, { node_id: dice.pick([1, 4]) }),
];

/** Namespaces. */
export const stores: Subject = {
  type: "threefold_zdb",
  draw: (dice, name) => {
    const bare: Draft = { block: { name: "db", identity: name, node_id: 1, size_gib: 5 }, outside: {} };
    return dice.some(MUTATIONS, 40).reduce((draft, mutate) => mutate(dice, draft), bare);
  },
  change: (dice, before) =>
    Array.from({ length: dice.chance(20) ? 0 : 1 + dice.below(3) }, () => dice.pick(MUTATIONS)).reduce(
      (draft, mutate) => mutate(dice, draft),
      before,
    ),
  expected: (before, after) => {
    const isFixed = isDeepStrictEqual([before.block.node_id, modeOf(before)], [after.block.node_id, modeOf(after)]);
    const isLost = lostStorage(stores, before, after).length > 0 && after.block.allow_data_loss !== true;
    if (!isFixed || isLost) return "replace";
    return isDeepStrictEqual(essence(before), essence(after)) ? "no-op" : "update";
  },
  late: ["size_gib", "password_version", "public"],
  storageOf: ({ block }) => new Map([["namespace", { type: "zdb", size: Number(block.size_gib) }]]),
};

function modeOf({ block }: Draft): unknown {
  return block.mode ?? "user";
}

function essence({ block }: Draft): unknown {
  return {
    ...block,
    mode: block.mode ?? "user",
    public: block.public ?? false,
    password_version: block.password_version ?? 1,
  };
}
