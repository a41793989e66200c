import { isDeepStrictEqual } from "node:util";
import type { Dice } from "./dice";
import { changed, type Draft, type Subject } from "./subject";

/** Public nodes, hidden ones, one reachable by IPv6 only, and a light one. Node 1 is always there to be dialled. */
const NODES = [1, 2, 3, 4, 5, 6, 7, 9, 10];

const MUTATIONS: readonly ((dice: Dice, draft: Draft) => Draft)[] = [
  (dice, draft) => changed(draft, { hosts: hosts(dice) }),
  (dice, draft) => changed(draft, { hosts: { ...(draft.block.hosts as object), extra: dice.pick(NODES) } }),
  (dice, draft) => changed(draft, { nodes: [1, ...dice.some(NODES.slice(1), 25)] }),
  (dice, draft) => changed(draft, { nodes: dice.shuffled(draft.block.nodes as number[]) }),
  (dice, draft) =>
    changed(draft, {
      access: dice.pick([undefined, [], ["laptop"], ["phone", "laptop"], ["laptop", "phone"]]),
      access_nodes: undefined,
    }),
  (dice, draft) =>
    (draft.block.access as string[] | undefined)?.includes("laptop")
      ? changed(draft, { access_nodes: dice.pick([undefined, { laptop: 1 }]) })
      : draft,
  (dice, draft) =>
    changed(draft, { reserved: dice.pick([undefined, { ci: "100-120" }, { ci: "100-120", lab: "200-219" }]) }),
  (dice, draft) => changed(draft, { mycelium: dice.pick([undefined, true, false]) }),
  (dice, draft) => changed(draft, { name: dice.pick(["mesh", "net"]) }),
  (dice, draft) =>
    dice.chance(30) ? changed(draft, { ip_range: dice.pick([undefined, "10.20.0.0/16", "10.77.0.0/16"]) }) : draft,
];

/** Meshes without machines: who is in them changes. */
export const meshes: Subject = {
  type: "threefold_network",
  draw: (dice, name) => {
    const block = { name: "mesh", identity: name, nodes: [1], hosts: hosts(dice) };
    return dice.some(MUTATIONS, 30).reduce((draft, mutate) => mutate(dice, draft), { block, outside: {} } as Draft);
  },
  change: (dice, before) =>
    Array.from({ length: dice.chance(20) ? 0 : 1 + dice.below(3) }, () => dice.pick(MUTATIONS)).reduce(
      (draft, mutate) => mutate(dice, draft),
      before,
    ),
  expected: (before, after) => {
    if (rangeOf(before) !== rangeOf(after)) return "replace";
    return isDeepStrictEqual(essence(before), essence(after)) ? "no-op" : "update";
  },
  late: ["hosts", "access", "nodes", "access_nodes", "reserved"],
  storageOf: () => new Map(),
};

function hosts(dice: Dice): Record<string, number> {
  return Object.fromEntries(dice.some(["a", "b", "c"], 60).map((name) => [name, dice.pick(NODES)]));
}

function rangeOf({ block }: Draft): unknown {
  return block.ip_range ?? "10.20.0.0/16";
}

function essence({ block }: Draft): unknown {
  return { ...block, ip_range: undefined, mycelium: block.mycelium ?? true };
}
