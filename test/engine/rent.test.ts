/** Renting a node and giving it back, stopped before and after every single effect on a real devgrid chain. */
import { systemClock } from "../../lib/core/clock";
import { silentLog } from "../../lib/core/log";
import { Devgrid } from "../../lib/devgrid/devgrid";
import type { EngineContext } from "../../lib/engine/context";
import { Endings } from "../../lib/engine/endings";
import { OwnContracts } from "../../lib/engine/own-contracts";
import { endRent } from "../../lib/engine/rent/end-rent";
import type { RentTarget, StandingRent } from "../../lib/engine/rent/rent";
import { rentNode } from "../../lib/engine/rent/rent-node";
import type { ChainClient, DirectoryClient } from "../../lib/grid/clients";
import { decodeRentNote, rentNoteKey } from "../../lib/model/rent-note";
import { type SecondClient, secondClient } from "../support/second-client";

const NODE = 12;
const TARGET: RentTarget = {
  title: "dedicated node own",
  lineage: "shop.0123456789abcdef",
  role: "dedicated_node/own",
  nodeId: NODE,
};

let grid: Devgrid;
let client: SecondClient;
let tokens = 0;

beforeAll(async () => {
  grid = await Devgrid.start({ blockMs: "instant", log: silentLog });
  client = await secondClient(grid);
});
afterAll(async () => {
  await client?.close();
  await grid?.close();
});

/** Rents need the chain alone. */
const nobody: DirectoryClient = {
  listNodes: () => Promise.reject(new Error("the directory is down")),
  getNode: () => Promise.reject(new Error("the directory is down")),
  listFarms: () => Promise.reject(new Error("the directory is down")),
  listContracts: () => Promise.reject(new Error("the directory is down")),
};

/** The process dies: nothing after this happens, and nobody is told. */
class Killed extends Error {}

/** One run of the provider, killed at its n-th effect: just before it, or just after it is in a block. */
async function run(kill?: { readonly effect: number; readonly when: "before" | "after" }): Promise<EngineContext> {
  const real = await client.clients.chain();
  let effects = 0;
  const chain: ChainClient = {
    ...real,
    submit: async (calls, signal) => {
      effects += 1;
      const dies = kill !== undefined && effects >= kill.effect;
      if (dies && kill.when === "before") throw new Killed();
      const results = await real.submit(calls, signal);
      if (dies) throw new Killed();
      return results;
    },
  };
  const { twinId } = await real.requireTwin();
  return {
    chain,
    nodes: () => Promise.reject(new Error("the relay is down")),
    directory: nobody,
    resolveHost: () => Promise.reject(new Error("nobody asks for a name")),
    twinId,
    ownContracts: new OwnContracts(nobody, chain, twinId),
    endings: new Endings(),
    clock: systemClock,
    log: silentLog,
    images: { look: async () => ({ kind: "there" }), md5Of: async () => undefined },
    randomHex: () => `token${++tokens}`,
    signal: new AbortController().signal,
    warn: () => undefined,
  };
}

async function note() {
  const text = await (await client.clients.chain()).getNote(rentNoteKey(NODE));
  return text === undefined ? undefined : decodeRentNote(text);
}

/** What stands in the end: one rent, noted down under its number and the token in state. */
async function expectRented(rent: StandingRent): Promise<void> {
  expect(grid.chain.listContracts()).toEqual([expect.objectContaining({ kind: "rent", contractId: rent.contractId })]);
  expect(await note()).toMatchObject({ contractId: rent.contractId, stamp: { token: rent.token } });
  expect(rent.isNoted).toBe(true);
}

async function giveBack(rent: StandingRent): Promise<void> {
  await endRent(await run(), { ...TARGET, record: rent });
  expect(grid.chain.listContracts()).toEqual([]);
  expect(await note()).toBeUndefined();
}

const MOMENTS = [1, 2].flatMap((effect) => (["before", "after"] as const).map((when) => ({ effect, when })));

describe("a rent that was killed", () => {
  test.each(MOMENTS)("$when effect $effect of its making is found again, once", async (kill) => {
    await expect(rentNode(await run(kill), TARGET, undefined)).rejects.toThrow(Killed);
    const [made] = grid.chain.listContracts();
    const rent = await rentNode(await run(), TARGET, undefined);
    if (made) expect(rent.contractId).toBe(made.contractId);
    await expectRented(rent);
    await giveBack(rent);
  });

  test.each(MOMENTS.slice(0, 2))("$when effect $effect of its end is ended by the next run", async (kill) => {
    const rent = await rentNode(await run(), TARGET, undefined);
    await expect(endRent(await run(kill), { ...TARGET, record: rent })).rejects.toThrow(Killed);
    await giveBack(rent);
  });

  test("is not doubled by a second run with its record, which sends nothing", async () => {
    const rent = await rentNode(await run(), TARGET, undefined);
    expect(await rentNode(await run({ effect: 1, when: "before" }), TARGET, rent)).toEqual(rent);
    await giveBack(rent);
  });

  test("and taken over by a next run is safe from the state that lost it", async () => {
    const lost = await rentNode(await run(), TARGET, undefined);
    const rent = await rentNode(await run(), TARGET, undefined);
    await endRent(await run(), { ...TARGET, record: lost });
    await expectRented(rent);
    await expect(rentNode(await run(), TARGET, lost)).rejects.toMatchObject({ code: "TFG_HANDED_OVER" });
    await giveBack(rent);
  });
});

test.each<[string, Partial<RentTarget>]>([
  ["another lineage", { lineage: "shop.fedcba9876543210" }],
  ["another object", { role: "dedicated_node/other" }],
])("a rent of %s is not taken", async (_, other) => {
  const rent = await rentNode(await run(), TARGET, undefined);
  await expect(rentNode(await run(), { ...TARGET, ...other }, undefined)).rejects.toMatchObject({
    code: "TFG_OWNED_ELSEWHERE",
  });
  await expectRented(rent);
  await giveBack(rent);
});
