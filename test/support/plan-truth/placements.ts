import { isDeepStrictEqual } from "node:util";
import type { Block } from "../rpc-driver";
import type { Dice } from "./dice";
import { changed, type Draft, type Subject } from "./subject";

const PLACES = [
  { country: "Belgium", city: "Ghent", certified: true },
  { country: "Germany", city: "Falkenstein", certified: false },
] as const;

/** Lasting facts of a made-up node. */
function facts(nodeId: number, place: (typeof PLACES)[number]): Block {
  const names = { farm_name: "Freefarm", region: "Europe", public_ipv4: "", public_ipv6: "", domain: "" };
  const total = { total_cpu: 8, total_memory_mib: 16_384, total_ssd_gib: 500, total_hdd_gib: 0, farm_has_ipv4: true };
  return { node_id: nodeId, twin_id: nodeId + 100, farm_id: 1, ...names, ...place, ...total, features: ["zmachine"] };
}

function request(dice: Dice): Block {
  const { country, certified } = dice.pick(PLACES);
  return {
    cpu: dice.pick([1, 2]),
    ...(dice.chance(60) ? { country } : {}),
    ...(certified && dice.chance(30) ? { certified } : {}),
    ...(dice.chance(20) ? { on_node_down: "keep" } : {}),
  };
}

/** Proposals change with every look, and always suit what is asked. */
function looked(dice: Dice, draft: Draft): Draft {
  const requests = Object.entries(draft.block.requests as Record<string, Block>);
  const proposals = requests.map(([key, { country, certified }]) => {
    const places = PLACES.filter((place) => (!country || place.country === country) && (!certified || place.certified));
    return [key, facts(1 + dice.below(9), dice.pick(places))] as const;
  });
  const findings = dice.pick([undefined, {}, { other: "node 3 is not up" }]);
  const down = dice.pick([undefined, [], [1 + dice.below(9), 1 + dice.below(9)]]);
  return changed(draft, { proposals: Object.fromEntries(proposals), findings, down });
}

/** Choices of nodes. */
export const placements: Subject = {
  type: "threefold_placement",
  draw: (dice) => looked(dice, { block: { requests: { a: request(dice), b: request(dice) } }, outside: {} }),
  change: (dice, before) => {
    const { a, b, c } = before.block.requests as Record<string, Block>;
    const requests = dice.pick([{ a, b, c }, { a, b, c }, { a, b: request(dice) }, { a, b, c: request(dice) }, { a }]);
    const asked = Object.entries(requests).filter(([, value]) => value !== undefined);
    return looked(dice, changed(before, { requests: Object.fromEntries(asked) }));
  },
  expected: (before, after) => {
    const isGiven = (draft: Draft) => [
      draft.block.requests,
      draft.block.findings !== undefined,
      draft.block.down !== undefined,
    ];
    return isDeepStrictEqual(isGiven(before), isGiven(after)) ? "no-op" : "update";
  },
  late: ["proposals"],
  storageOf: () => new Map(),
};
