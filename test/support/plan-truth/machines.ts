import { isDeepStrictEqual } from "node:util";
import { FLIST } from "../grid-stack";
import type { Action } from "../rpc-driver";
import type { Dice } from "./dice";
import { changed, type Draft, lostStorage, type Subject } from "./subject";

interface Storage {
  readonly mount_point: string;
  readonly size_gib: number;
  readonly name?: string;
}

const MOUNTS = ["/data", "/srv/db", "/var/lib", "/logs"];
const MICRO = "https://hub.grid.tf/tf-official-apps/threefoldtech-alpine-3.flist";

const LOGS = ["redis://10.1.2.3:6379", "ws://10.1.2.3/a"];

/** Full nodes with public IPv6, in a farm with public IPv4. */
const NODES = [1, 2, 4];

/** A light node. */
const LIGHT = 7;

/** A node with graphics cards; somebody has to rent it. */
export const IRON = 11;

const CARDS = ["0000:28:00.0/1002/731f", "0000:41:00.0/10de/2204"];

/** One way to change a machine. */
type Mutation = (dice: Dice, draft: Draft) => Draft;

const MUTATIONS: readonly Mutation[] = [
  (dice, draft) => changed(draft, { cpu: dice.pick([1, 2, 3]) }),
  (dice, draft) => changed(draft, { memory_mib: dice.pick([512, 1024, 4096]) }),
  (dice, draft) => changed(draft, { root_size_mib: dice.pick([undefined, 2048, 4096]) }),
  (dice, draft) => changed(draft, { flist: dice.pick([FLIST, MICRO]) }),
  (dice, draft) => changed(draft, { entrypoint: dice.pick([undefined, "", "/sbin/zinit init"]) }),
  (dice, draft) => changed(draft, { name: `${dice.pick(["front", "back"])}_${Object.keys(draft.outside)[0]}` }),
  (dice, draft) => changed(draft, { env: dice.pick([undefined, {}, { A: "1" }, { B: "2", A: "1" }]) }),
  (dice, draft) =>
    changed(draft, { ssh_keys: dice.pick([undefined, [], ["ssh-ed25519 AAAA a"], ["ssh-ed25519 AAAA a "]]) }),
  (dice, draft) => changed(draft, { planetary: dice.pick([undefined, false, true]) }),
  (dice, draft) => changed(draft, { mycelium: dice.pick([undefined, false, true]) }),
  (dice, draft) => changed(draft, { public_ipv6: dice.pick([undefined, false, true]) }),
  (dice, draft) => changed(draft, { public_ipv4: dice.pick([undefined, false, true]) }),
  (dice, draft) => changed(draft, { corex: dice.pick([undefined, false, true]) }),
  (dice, draft) => changed(draft, { logs: dice.pick([undefined, [], ["ws://10.1.2.3/a"], LOGS, LOGS]) }),
  (dice, draft) => changed(draft, { allow_data_loss: dice.pick([undefined, false, true, true]) }),
  (dice, draft) => changed(draft, { node_id: dice.pick(NODES) }),
  (dice, draft) =>
    changed(draft, draft.block.light ? { light: undefined, node_id: dice.pick(NODES) } : { light: true }),
  changedCards,
  changedCards,
  (dice, draft) => changed(draft, { generation: dice.pick([undefined, undefined, "2", "3"]) }),
  (dice, draft) => changed(draft, { identity: dice.pick([undefined, undefined, draft.block.identity]) }),
  (dice, { host, ...draft }) => (dice.chance(50) ? draft : { ...draft, host: dice.pick([host ?? "a", "a", "b"]) }),
  (dice, draft) => changed(draft, { disks: changedStorage(dice, storage(draft, "disks"), storage(draft, "volumes")) }),
  (dice, draft) => changed(draft, { disks: changedStorage(dice, storage(draft, "disks"), storage(draft, "volumes")) }),
  (dice, draft) =>
    changed(draft, { volumes: changedStorage(dice, storage(draft, "volumes"), storage(draft, "disks")) }),
  (dice, draft) => changed(draft, { disks: written(dice.shuffled(storage(draft, "disks"))) }),
  changedSecrets,
  (dice, draft) => changed(draft, { quantum_storage: fileSystems(dice, draft) }),
  (dice, draft) => changed(draft, { quantum_storage: fileSystems(dice, draft) }),
  (dice, draft) => changed(draft, { secret_env_wo: dice.pick([undefined, { W: "w1" }, { W: "w2" }]) }),
  (dice, draft) => changed(draft, { secret_env_wo_version: dice.pick([undefined, 1, 2]) }),
];

/** Machines on full and light nodes, one with graphics cards, with disks, volumes, file systems over many nodes, addresses, secrets, in the stack's mesh or in a network of their own. */
export const machines: Subject = {
  type: "threefold_virtual_machine",
  draw: (dice, name) => {
    const block = {
      name: `web_${name}`,
      identity: name,
      node_id: dice.pick(NODES),
      cpu: 1,
      memory_mib: 512,
      flist: FLIST,
    };
    const bare: Draft = {
      block,
      outside: { [`PLAN_TRUTH_${name}`]: "one" },
      ...(dice.chance(50) ? { host: "a" } : {}),
    };
    return dice.some(MUTATIONS, 25).reduce((draft, mutate) => fitting(mutate(dice, draft)), bare);
  },
  change: (dice, before) =>
    Array.from({ length: dice.chance(20) ? 0 : 1 + dice.below(4) }, () => dice.pick(MUTATIONS)).reduce(
      (draft, mutate) => fitting(mutate(dice, draft)),
      before,
    ),
  expected,
  late: ["flist", "memory_mib", "env", "ssh_keys", "entrypoint", "cpu"],
  storageOf: (draft) => {
    const of = (list: "disks" | "volumes", kind: string, type: string) =>
      storage(draft, list).map((item) => [nameOf(kind, item), { type, size: item.size_gib }] as const);
    return new Map([...of("disks", "disk", "zmount"), ...of("volumes", "volume", "volume")]);
  },
};

/** The first machine alone takes cards: two of them would want the same. */
function changedCards(dice: Dice, draft: Draft): Draft {
  if (!Object.keys(draft.outside)[0]?.endsWith("0")) return draft;
  const gpus = dice.pick([undefined, [], ...CARDS.map((card) => [card]), CARDS]);
  return changed(draft, { gpus, light: undefined, node_id: gpus?.length ? IRON : dice.pick(NODES) });
}

/**
 * A light machine is on a light node, in a network of its own, and has nothing that light nodes lack; cards are where they
 * are.
 */
function fitting(draft: Draft): Draft {
  const { host: _, ...alone } = draft;
  if (draft.block.light !== true) return hasCards(draft) ? changed(draft, { node_id: IRON }) : draft;
  const none = { public_ipv4: undefined, public_ipv6: undefined, planetary: undefined };
  const mycelium = draft.block.mycelium === true ? true : undefined;
  return changed(alone, {
    ...none,
    node_id: LIGHT,
    mycelium,
    logs: undefined,
    quantum_storage: undefined,
    gpus: undefined,
  });
}

function hasCards({ block: { gpus } }: Draft): boolean {
  return Array.isArray(gpus) && gpus.length > 0;
}

function expected(before: Draft, after: Draft): Action {
  const isFixed = ["node_id", "public_ipv4", "generation", "light"].every(
    (name) => plain(before, name) === plain(after, name),
  );
  const isLost = lostStorage(machines, before, after).length > 0 && after.block.allow_data_loss !== true;
  const [keyBefore, keyAfter] = [keyOf(before), keyOf(after)];
  const isHidden = keyBefore !== undefined && keyAfter !== undefined && keyBefore !== keyAfter;
  if (!isFixed || isLost || (isHidden && after.block.allow_data_loss !== true)) return "replace";
  return isDeepStrictEqual(essence(before), essence(after)) ? "no-op" : "update";
}

/** The key of the machine's file system over many nodes. */
function keyOf({ block }: Draft): string | undefined {
  const [item] = (block.quantum_storage as readonly { readonly key: string }[] | undefined) ?? [];
  return item?.key;
}

/** None, or one over namespaces that nobody else has; their nodes need not exist. */
function fileSystems(dice: Dice, { outside }: Draft): unknown {
  const [variable = ""] = Object.keys(outside);
  const password = dice.pick(["derive:zdb-password/db/1", "derive:zdb-password/db/2", `env:${variable}`]);
  const backend = (index: number) => ({
    address: `[300::${index}]:9900`,
    namespace: `9-${index}-${variable}`,
    password,
  });
  const fileSystem = {
    mount_point: "/qsfs",
    key: `derive:qsfs-key/${variable}/${dice.pick([1, 1, 2])}`,
    cache_gib: dice.pick([1, 2]),
    minimal_shards: 1,
    expected_shards: dice.pick([1, 2]),
    metadata: [1, 2, 3, 4].map(backend),
    groups: [
      {
        backends: dice
          .pick([
            [5, 6],
            [5, 6, 7],
          ])
          .map(backend),
      },
    ],
  };
  return dice.pick([undefined, [], [fileSystem], [fileSystem], [fileSystem]]);
}
const FLAGS = ["planetary", "light", "public_ipv6", "public_ipv4", "corex"];

/** Everything whose change Terraform has to show: values of write-only attributes count by their version. */
function essence(draft: Draft): unknown {
  const { identity: _, secret_env_wo: __, disks, volumes, root_size_mib: root, ...block } = draft.block;
  const { cpu, memory_mib: memory } = block;
  return {
    ...block,
    host: draft.host,
    outside: JSON.stringify([block.secret_env, block.quantum_storage]).includes("env:") ? draft.outside : undefined,
    flags: [...FLAGS.map((name) => plain(draft, name)), block.mycelium ?? plain(draft, "light")],
    ...Object.fromEntries([...FLAGS, "mycelium"].map((name) => [name, undefined])),
    root: root ?? (Number(cpu) * Number(memory) < 8192 ? 500 : 2048),
    disks: Array.isArray(disks)
      ? storage(draft, "disks").map((item) => ({ ...item, name: nameOf("disk", item) }))
      : null,
    volumes: Array.isArray(volumes)
      ? storage(draft, "volumes").map((item) => ({ ...item, name: nameOf("volume", item) }))
      : null,
  };
}

function plain({ block }: Draft, name: string): unknown {
  return block[name] ?? false;
}

function storage({ block }: Draft, list: "disks" | "volumes"): readonly Storage[] {
  return (block[list] as readonly Storage[] | undefined) ?? [];
}

function written(items: readonly Storage[]): readonly Storage[] | undefined {
  return items.length > 0 ? items : undefined;
}

function changedStorage(
  dice: Dice,
  items: readonly Storage[],
  others: readonly Storage[],
): readonly Storage[] | undefined {
  const free = MOUNTS.filter((mount) => ![...items, ...others].some(({ mount_point }) => mount_point === mount));
  const kind = dice.below(5);
  const [first, ...rest] = dice.shuffled(items);
  if (kind <= 1 && free.length > 0) {
    const name = dice.chance(30) ? { name: `own${dice.below(2)}` } : {};
    const isTaken = [...items, ...others].some((item) => item.name === name.name && name.name !== undefined);
    return [...items, { mount_point: dice.pick(free), size_gib: dice.pick([1, 2, 4]), ...(isTaken ? {} : name) }];
  }
  if (!first) return dice.pick([undefined, []]);
  if (kind === 2) return written(rest);
  const resized = { ...first, size_gib: dice.pick([1, 2, 4, 8]) };
  return items.map((item) => (item === first ? resized : item));
}

function changedSecrets(dice: Dice, draft: Draft): Draft {
  const [variable = ""] = Object.keys(draft.outside);
  const references = {
    derived: "derive:zdb-password/db/1",
    other: "derive:zdb-password/db/2",
    outside: `env:${variable}`,
  };
  const secret = dice.pick([undefined, { S: references.derived }, { S: references.other }, { S: references.outside }]);
  return { ...changed(draft, { secret_env: secret }), outside: { [variable]: dice.pick(["one", "two"]) } };
}

/** What the grid calls it: by the mount point unless the user names it. */
function nameOf(kind: string, { name, mount_point: mount }: Storage): string {
  return name ?? `${kind}${mount.replace(/[^A-Za-z0-9_]/g, "_")}`;
}
