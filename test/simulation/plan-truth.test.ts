/**
 * Random stacks, planned and applied call by call: what a plan says is what happens. Not Terraform itself but its rules,
 * on virtual time, so that thousands of changes fit into a minute. `PLAN_TRUTH_SEED` repeats a failure, `PLAN_TRUTH_RUNS`
 * sets how many stacks there are.
 */
import { silentLog } from "../../lib/core/log";
import type { ContractCall } from "../../lib/model/call";
import { defineProvider } from "../../lib/provider/definition";
import { ALL_THERE, leftovers, NOTHING } from "../support/grid-project";
import { IRON } from "../support/plan-truth/machines";
import { TruthStack } from "../support/plan-truth/truth-stack";
import { RpcDriver } from "../support/rpc-driver";
import { secondClient } from "../support/second-client";
import { Lab } from "../support/simulation/lab";
import { SimulatedProcess } from "../support/simulation/simulated-process";

const RUNS = Number(process.env.PLAN_TRUTH_RUNS ?? 20);
const SEED = Number(process.env.PLAN_TRUTH_SEED ?? 1);
const CHANGES = 4;

let lab: Lab;
let pairs = 0;

beforeAll(async () => {
  lab = await Lab.open({ provisionMs: 10 });
});
afterAll(async () => {
  await lab?.close();
  process.stderr.write(`${pairs} pairs of configurations planned and applied\n`);
});

test.each(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  "a random stack is what its plans say: seed %i",
  async (seed) => {
    lab = await lab.anew(seed);
    const { world, grid, provider } = lab;
    const env = { THREEFOLD_MNEMONIC: grid.describe().mnemonic };
    const inProcess = new SimulatedProcess(world);
    const driver = new RpcDriver(
      defineProvider({ env, log: silentLog, clock: world.clock, images: ALL_THERE }),
      provider,
      (call) => world.as(inProcess, call),
    );
    const asOther = <T>(work: () => Promise<T>) => lab.run(() => world.as(undefined, work));
    const other = await asOther(() => secondClient(grid, undefined, "ed25519"));
    const rent: ContractCall = { kind: "createRentContract", nodeId: IRON };
    const [rented] = await asOther(async () => (await other.clients.chain()).submit([rent]));
    const stack = new TruthStack(driver, grid, seed);
    await lab.run(() => stack.live(CHANGES));
    await lab.run(() => driver.close());
    await asOther(async () => {
      await other.cancel(rented?.contractId ?? 0);
      await other.close();
    });
    expect(leftovers(grid)).toEqual(NOTHING);
    pairs += stack.pairs;
  },
);
