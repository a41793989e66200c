import { isDeepStrictEqual } from "node:util";
import type { Devgrid } from "../../../lib/devgrid/devgrid";
import type { Dice } from "./dice";
import { changed, type Draft, type Subject } from "./subject";

/** Gateway nodes, with the facts a configuration may give of them. */
const NODES = [
  { node_id: 1, domain: "gent01.devgrid.test", address: "185.206.122.31" },
  { node_id: 2, domain: "gent02.devgrid.test", address: "185.206.122.32" },
  { node_id: 4, domain: "falk01.devgrid.test", address: "185.206.122.33" },
] as const;

const WEB = ["http://185.206.122.100:8080", "http://185.206.122.101", "http://[2a10:b600:1::99]:80"];
const TLS = ["185.206.122.100:443", "[2a10:b600:1::99]:8443"];

type Mutation = (dice: Dice, draft: Draft) => Draft;

const SHARED: readonly Mutation[] = [
  (dice, draft) => changed(draft, backends(dice, draft.block.tls_passthrough === true)),
  (dice, draft) => changed(draft, backends(dice, dice.chance(50))),
  (_, draft) => changed(draft, draft.block.tls_passthrough === undefined ? { tls_passthrough: false } : {}),
];

const NAMES: readonly Mutation[] = [
  ...SHARED,
  (dice, draft) => {
    const { node_id, domain } = dice.pick(NODES);
    return changed(draft, { node_id, domain: dice.chance(50) ? domain : undefined });
  },
  (dice, draft) => changed(draft, { name: `${String(draft.block.identity)}-${dice.pick(["shop", "store"])}` }),
];

const DOMAINS: readonly Mutation[] = [
  ...SHARED,
  (dice, draft) => {
    const { node_id, address } = dice.pick(NODES);
    return changed(draft, { node_id, dns_target: dice.chance(50) ? address : undefined });
  },
  (dice, draft) => changed(draft, { name: dice.pick(["www", "web"]) }),
  (dice, draft) => changed(draft, { fqdn: domainOf(draft.block.identity, dice.pick(HOSTS)) }),
];

const HOSTS = ["www", "shop"] as const;

/** Gateways at reserved names: only another name is another gateway. */
export const gatewayNames: Subject = subject("threefold_gateway_name", NAMES, (identity) => ({
  name: `${identity}-shop`,
}));

/** Gateways at domains of their own: everything changes in place. */
export const gatewayDomains: Subject = subject("threefold_gateway_fqdn", DOMAINS, (identity) => ({
  name: "www",
  fqdn: domainOf(identity, "www"),
}));

/** Points every domain that can be drawn at every node that can be. */
export async function pointDomains(grid: Devgrid, identities: readonly string[]): Promise<void> {
  const addresses = NODES.map(({ address }) => address);
  for (const identity of identities) {
    for (const host of HOSTS) await grid.control("dev.setDns", domainOf(identity, host), addresses);
  }
}

function subject(type: string, mutations: readonly Mutation[], first: (identity: string) => Draft["block"]): Subject {
  return {
    type,
    draw: (dice, name) => {
      const bare: Draft = {
        block: { identity: name, node_id: 1, backends: WEB.slice(0, 1), ...first(name) },
        outside: {},
      };
      return dice.some(mutations, 40).reduce((draft, mutate) => mutate(dice, draft), bare);
    },
    change: (dice, before) =>
      Array.from({ length: dice.chance(20) ? 0 : 1 + dice.below(3) }, () => dice.pick(mutations)).reduce(
        (draft, mutate) => mutate(dice, draft),
        before,
      ),
    expected: (before, after) => {
      const isReserved = type === "threefold_gateway_name";
      if (isReserved && before.block.name !== after.block.name) return "replace";
      return isDeepStrictEqual(essence(before), essence(after)) ? "no-op" : "update";
    },
    late: ["backends", "tls_passthrough"],
    storageOf: () => new Map(),
  };
}

function backends(dice: Dice, tlsPassthrough: boolean): Draft["block"] {
  const [first = "", ...others] = tlsPassthrough ? TLS : WEB;
  return { tls_passthrough: tlsPassthrough || undefined, backends: [first, ...dice.some(others, 40)] };
}

function domainOf(identity: unknown, host: string): string {
  return `${host}.${String(identity)}.example.org`;
}

/** Facts of the node say nothing new, and a default may be written out. */
function essence({ block }: Draft): unknown {
  return {
    ...block,
    domain: undefined,
    dns_target: undefined,
    tls_passthrough: block.tls_passthrough ?? false,
  };
}
