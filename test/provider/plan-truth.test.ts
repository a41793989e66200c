/**
 * Random stacks, planned and applied call by call: what a plan says is what happens. Not Terraform itself but its rules,
 * so that hundreds of changes fit into seconds. `PLAN_TRUTH_SEED` repeats a failure, `PLAN_TRUTH_RUNS` sets how many
 * stacks there are.
 */
import { silentLog } from "../../lib/core/log";
import { Devgrid } from "../../lib/devgrid/devgrid";
import { defineProvider } from "../../lib/provider/definition";
import { leftovers, NOTHING } from "../support/grid-project";
import { TruthStack } from "../support/plan-truth/truth-stack";
import { RpcDriver } from "../support/rpc-driver";

const RUNS = Number(process.env.PLAN_TRUTH_RUNS ?? 4);
const SEED = Number(process.env.PLAN_TRUTH_SEED ?? 1);
const CHANGES = 2;

jest.setTimeout(Math.max(60_000, RUNS * 20_000));

let grid: Devgrid;
let driver: RpcDriver;

beforeEach(async () => {
  grid = await Devgrid.start({ blockMs: "instant", provisionMs: 1 });
  const { chain, relay, directory, dns, mnemonic } = grid.describe();
  driver = new RpcDriver(defineProvider({ env: { THREEFOLD_MNEMONIC: mnemonic }, log: silentLog }), {
    chain_urls: [chain],
    relay_urls: [relay],
    directory_urls: [directory],
    dns_servers: [dns],
  });
});
afterEach(async () => {
  await driver?.close();
  await grid?.close();
});

test.each(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  "a random stack is what its plans say: seed %i",
  async (seed) => {
    const stack = new TruthStack(driver, grid, seed);
    await stack.live(CHANGES);
    expect(leftovers(grid)).toEqual(NOTHING);
    expect(Object.keys(stack.planned)).toContain("create");
  },
);
