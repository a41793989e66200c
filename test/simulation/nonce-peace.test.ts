/**
 * One account and everything that may happen to its extrinsics: other programs that use it at the same time, and pools,
 * endpoints and blocks that lose them. Every run finishes within a deadline, does each thing once and leaves nothing behind.
 */
import { gatewayName, joined, machine, mesh, PROJECT, stack, zdb } from "../support/grid-stack";
import { ForeignClient, HABITS, type Habit } from "../support/simulation/foreign-client";
import { Lab } from "../support/simulation/lab";
import type { RunResult, SimulatedTerraform, StackConfig } from "../support/simulation/simulated-terraform";

/** A run that took longer did not survive, however it ended. */
const DEADLINE_MS = 5 * 60_000;

const MILL = { threefold_project: { main: { name: "mill" } } };

/** Two waves and eight contracts. */
const shop = stack(PROJECT, {
  threefold_network: { mesh: mesh({ web: 1, api: 2 }) },
  threefold_virtual_machine: {
    web: machine(1, { network: joined("web") }),
    api: machine(2, { name: "api", network: joined("api") }),
  },
  threefold_zdb: { db: zdb(4), log: zdb(1, { name: "log" }) },
  threefold_gateway_name: { door: gatewayName(1) },
});

const mill = stack(MILL, {
  threefold_network: { mesh: mesh({ web: 2 }) },
  threefold_virtual_machine: { web: machine(2, { network: joined("web") }) },
  threefold_zdb: { db: zdb(1) },
});

let lab: Lab;

beforeEach(async () => {
  lab = await (lab ? lab.anew() : Lab.open());
});
afterAll(() => lab?.close());

const openClient = (habit: Habit) => lab.run(() => lab.world.as(undefined, () => ForeignClient.open(lab, habit)));

/** Runs within the deadline, all at once. */
async function timely(...works: readonly (() => Promise<RunResult>)[]): Promise<void> {
  const from = lab.world.now;
  const results = await Promise.all(works.map((work) => work()));
  expect(results.flatMap(({ errors }) => errors)).toEqual([]);
  expect(lab.world.now - from).toBeLessThan(DEADLINE_MS);
}

/** State and grid agree, there is nothing to do, and nothing was made that is not there. */
async function expectPeace(stacks: readonly (readonly [SimulatedTerraform, StackConfig])[], contracts: number) {
  expect(lab.differences(stacks.map(([{ store }]) => store.state))).toEqual([]);
  expect(lab.grid.chain.listContracts().length).toBe(contracts);
  for (const [terraform, config] of stacks) {
    const { actions, errors } = await lab.run(() => terraform.plan(config));
    expect({ actions, errors }).toEqual({ actions: {}, errors: [] });
  }
}

describe.each(HABITS)("a wallet that takes its nonces from the %s", (habit) => {
  test("sends transfers while two stacks of the account are made, and while they end", async () => {
    const stacks = [
      [lab.terraform(), shop],
      [lab.terraform(), mill],
    ] as const;
    const creating = await openClient(habit);
    await lab.run(() =>
      creating.during(() =>
        timely(
          ...stacks.map(
            ([terraform, config]) =>
              () =>
                terraform.apply(config),
          ),
        ),
      ),
    );
    await expectPeace(stacks, 11);
    expect(lab.contractsMade()).toBe(11);
    const ending = await openClient(habit);
    await lab.run(() =>
      ending.during(() =>
        timely(
          ...stacks.map(
            ([terraform]) =>
              () =>
                terraform.destroy(),
          ),
        ),
      ),
    );
    expect(lab.isLittered()).toBe(false);
    expect(lab.grid.stats().chain.calls["SmartContractModule.cancel_contract"]).toBe(11);
    for (const { taken } of [creating, ending]) expect(taken).toBeGreaterThan(2);
  });
});

/** What becomes of extrinsics, one after the other. */
const FAULTS: readonly (readonly string[])[] = [
  ["drop"],
  ["invalid"],
  ["usurp"],
  ["stale"],
  ["future"],
  ["ban"],
  ["delay"],
  ["never"],
  ["retract"],
  ["forget"],
  ["waver"],
  ["undo"],
  ["retract", "retract"],
  ["drop", "usurp", "future", "never", "ban", "stale"],
];

describe.each(FAULTS)("extrinsics that go wrong: %s %s %s %s %s %s", (...given) => {
  const faults = given.filter((fault) => typeof fault === "string");

  test("a stack is made, and ended, as if nothing had been", async () => {
    const terraform = lab.terraform();
    await lab.control("dev.failExtrinsics", ...faults);
    await lab.run(() => timely(() => terraform.apply(shop)));
    await expectPeace([[terraform, shop]], 8);
    await lab.control("dev.failExtrinsics", ...faults);
    await lab.run(() => timely(() => terraform.destroy()));
    await lab.pass(60_000);
    expect(lab.isLittered()).toBe(false);
  });
});

test("a balance that is gone while an extrinsic waits is told as that, at once, and nothing is left", async () => {
  const terraform = lab.terraform();
  const watcher = await openClient("pool");
  const from = lab.world.now;
  const { errors } = await lab.run(async () => {
    const [result] = await Promise.all([
      terraform.apply(shop),
      lab.world.as(undefined, () => watcher.onceOneWaits(() => lab.grid.chain.setBalance(watcher.address, 0n))),
    ]);
    return result;
  });
  expect(lab.world.now - from).toBeLessThan(30_000);
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) expect(error).toContain("TFG_BALANCE");
  expect(lab.isLittered()).toBe(false);
  lab.grid.chain.setBalance(watcher.address, 10n ** 12n);
  await lab.run(() => timely(() => terraform.apply(shop)));
  await expectPeace([[terraform, shop]], 8);
});

test("blocks that are dropped by the pair while a stack is made and while it ends change nothing in the end", async () => {
  const terraform = lab.terraform();
  const churn = async () => {
    for (let times = 0; times < 4; times++) {
      await lab.world.clock.sleep(7_000);
      lab.grid.chain.reorganise(2);
    }
  };
  const during = (work: () => Promise<RunResult>) =>
    lab.run(() => Promise.all([timely(work), lab.world.as(undefined, churn)]));
  await during(() => terraform.apply(shop));
  await expectPeace([[terraform, shop]], 8);
  await during(() => terraform.destroy());
  expect(lab.isLittered()).toBe(false);
});

test("finality that stands still is waited for within a deadline, and told: nothing is undone for it", async () => {
  const terraform = lab.terraform();
  await lab.control("dev.holdFinality");
  const from = lab.world.now;
  const { errors, warnings } = await lab.run(() => terraform.apply(mill));
  expect(errors).toEqual([]);
  expect(warnings).toContainEqual(expect.stringContaining("not final yet"));
  expect(lab.world.now - from).toBeLessThan(4 * DEADLINE_MS);
  await lab.control("dev.holdFinality", false);
  await expectPeace([[terraform, mill]], 3);
});

test("a machine that is taken out of a stack ends, though the block that ended it is dropped after the run", async () => {
  const terraform = lab.terraform();
  const smaller = stack(PROJECT, { threefold_zdb: { db: zdb(4) } });
  await lab.run(() =>
    timely(() => terraform.apply(stack(PROJECT, { threefold_zdb: { db: zdb(4), log: zdb(1, { name: "log" }) } }))),
  );
  await lab.control("dev.failExtrinsics", "retract");
  await lab.run(() => timely(() => terraform.apply(smaller)));
  await lab.pass(60_000);
  await expectPeace([[terraform, smaller]], 1);
});
