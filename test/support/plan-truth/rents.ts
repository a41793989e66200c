import { isDeepStrictEqual } from "node:util";
import type { Dice } from "./dice";
import { changed, type Draft, type Subject } from "./subject";

/** Nodes that nothing else of the stack is on. */
const NODES = [8, 12] as const;

const MUTATIONS: readonly ((dice: Dice, draft: Draft) => Draft)[] = [
  (dice, draft) => changed(draft, { name: dice.pick(["own", "iron"]) }),
  (dice, draft) => changed(draft, { node_id: dice.pick(NODES) }),
];

/** Rented nodes. */
export const rents: Subject = {
  type: "threefold_dedicated_node",
  draw: (dice, name) => ({ block: { name: "own", identity: name, node_id: dice.pick(NODES) }, outside: {} }),
  change: (dice, before) => dice.some(MUTATIONS, 40).reduce((draft, mutate) => mutate(dice, draft), before),
  expected: (before, after) => {
    if (before.block.node_id !== after.block.node_id) return "replace";
    return isDeepStrictEqual(before.block, after.block) ? "no-op" : "update";
  },
  late: ["name"],
  storageOf: () => new Map(),
};
