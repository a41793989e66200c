import { isDeepStrictEqual } from "node:util";
import { rawContent } from "../../../lib/model/raw/raw-workloads";
import type { Dice } from "./dice";
import { changed, type Draft, lostStorage, type Subject } from "./subject";

interface Raw {
  readonly name: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const GIB = 1024 ** 3;
const VARIABLE = "TRUTH_RAW_PASSWORD";
const SIZES = [1, 2, 5, 8];

function workload(dice: Dice, name: string): Raw {
  const size = dice.pick(SIZES) * GIB;
  const type = dice.pick(["volume", "zmount", "zdb"]);
  const password = dice.pick(["", { $secret: `env:${VARIABLE}` }, { $secret: "derive:zdb-password/raw/1" }]);
  return { name, type, data: type === "zdb" ? { size, mode: "user", password } : { size } };
}

const parsed = ({ block }: Draft) => JSON.parse(String(block.workloads)) as Raw[];

function written(draft: Draft, workloads: readonly Raw[], indent = 0): Draft {
  return changed(draft, { workloads: JSON.stringify(workloads, null, indent) });
}

/** Changes one of the workloads that are no addresses. */
function edit(dice: Dice, draft: Draft, change: (raw: Raw) => Raw): Draft {
  const names = parsed(draft).flatMap(({ name, type }) => (type === "ip" ? [] : [name]));
  const chosen = dice.pick(names);
  return written(
    draft,
    parsed(draft).map((raw) => (raw.name === chosen ? change(raw) : raw)),
  );
}

const reversed = (value: object) => Object.fromEntries(Object.entries(value).reverse());

const MUTATIONS: readonly ((dice: Dice, draft: Draft) => Draft)[] = [
  (dice, draft) => edit(dice, draft, (raw) => ({ ...raw, data: { ...raw.data, size: dice.pick(SIZES) * GIB } })),
  (dice, draft) =>
    edit(dice, draft, (raw) => (raw.type === "zdb" ? { ...raw, data: { ...raw.data, public: dice.chance(50) } } : raw)),
  (dice, draft) => edit(dice, draft, ({ name }) => workload(dice, name)),
  (dice, draft) => {
    const name = dice.pick(["a", "b", "c"]);
    const others = parsed(draft).filter((raw) => raw.name !== name);
    return written(draft, others.length < parsed(draft).length ? others : [...others, workload(dice, name)]);
  },
  (dice, draft) => {
    const others = parsed(draft).filter(({ type }) => type !== "ip");
    return written(draft, dice.chance(30) ? [...others, { name: "ip", type: "ip", data: { v4: true } }] : others);
  },
  (dice, draft) => written(draft, dice.shuffled(parsed(draft)), dice.pick([0, 2])),
  (_, draft) =>
    written(
      draft,
      parsed(draft).map((raw) => reversed({ ...raw, data: reversed(raw.data) }) as unknown as Raw),
    ),
  (dice, draft) => changed(draft, { description: dice.pick([undefined, "for people"]) }),
  (dice, draft) =>
    changed(draft, { metadata: dice.pick([undefined, '{"type":"vm","name":"x","projectName":"vm/x"}']) }),
  (dice, draft) => changed(draft, { name: dice.pick(["raw", "bare"]) }),
  (dice, draft) => changed(draft, { allow_data_loss: dice.pick([undefined, false, true]) }),
  (dice, draft) => changed(draft, { node_id: dice.pick([1, 4]) }),
];

/** An address by itself is no deployment worth drawing: storage "a" always stays. */
function mutate(dice: Dice, draft: Draft, mutation: (dice: Dice, draft: Draft) => Draft): Draft {
  const next = mutation(dice, draft);
  return parsed(next).some(({ type }) => type !== "ip") ? next : draft;
}

/** Workloads in the grid's own JSON. */
export const rawDeployments: Subject = {
  type: "threefold_deployment",
  draw: (dice, name) => {
    const bare: Draft = { block: { name: "raw", identity: name, node_id: 1 }, outside: { [VARIABLE]: "first" } };
    const first = written(bare, [workload(dice, "a"), workload(dice, "b")]);
    return dice.some(MUTATIONS, 30).reduce((draft, mutation) => mutate(dice, draft, mutation), first);
  },
  change: (dice, before) =>
    Array.from({ length: dice.chance(20) ? 0 : 1 + dice.below(3) }, () => dice.pick(MUTATIONS)).reduce(
      (draft, mutation) => mutate(dice, draft, mutation),
      before,
    ),
  expected: (before, after) => {
    const isFixed = isDeepStrictEqual(fixed(before), fixed(after));
    const isLost = lostStorage(rawDeployments, before, after).length > 0 && after.block.allow_data_loss !== true;
    if (!isFixed || isLost) return "replace";
    return isDeepStrictEqual(essence(before), essence(after)) ? "no-op" : "update";
  },
  late: ["workloads", "description"],
  storageOf: (draft) =>
    new Map(
      parsed(draft).flatMap(({ name, type, data }) =>
        type === "ip" ? [] : [[name, { type, size: Number(data.size) }] as const],
      ),
    ),
};

/** What its contract fixes. */
function fixed(draft: Draft): unknown {
  return [draft.block.node_id, parsed(draft).filter(({ type }) => type === "ip").length];
}

function essence(draft: Draft): unknown {
  return { ...draft.block, workloads: rawContent(String(draft.block.workloads)) };
}
