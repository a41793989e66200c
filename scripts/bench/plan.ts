import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LocalGrid } from "../demo/local-grid";
import { type Times, timesOf } from "./times";

const root = resolve(__dirname, "../..");

/** How long `terraform plan` takes for one machine on a grid that runs already. */
interface PlanTimes {
  /** Before there is anything: the node is chosen. */
  readonly create: Times;
  /** With the machine running: it is refreshed, and nothing is to be done. */
  readonly unchanged: Times;
}

/** Plans examples/01-virtual-machine with the built package and the given command, `terraform` or `tofu`. */
export async function benchPlan(command: string, rounds = 5): Promise<PlanTimes> {
  const home = mkdtempSync(join(tmpdir(), "bench-"));
  const env = { ...process.env, CHECKPOINT_DISABLE: "1", THREEFOLD_DEVGRID_HOME: home };
  const grid = await LocalGrid.start({ threefold: join(root, "dist/threefold.cjs"), home, blockTime: "instant" });
  try {
    const cwd = synthesise(home);
    const run = (...args: string[]) => execFileSync(command, args, { cwd, env, stdio: "pipe" });
    const plans = () => timesOf(Array.from({ length: rounds }, () => timed(() => run("plan", "-input=false"))));
    run("init", "-input=false");
    timed(() => run("plan", "-input=false"));
    const create = plans();
    run("apply", "-auto-approve", "-input=false");
    return { create, unchanged: plans() };
  } finally {
    await grid.stop();
    rmSync(home, { recursive: true });
  }
}

/** Runs the program of the example; gives the directory of its stack, with a state of its own. */
function synthesise(home: string): string {
  const outdir = join(home, "cdktf.out");
  const cwd = join(home, "stack");
  mkdirSync(outdir);
  const main = join(root, "examples/01-virtual-machine/main.ts");
  execFileSync(process.execPath, ["-r", require.resolve("ts-node/register/transpile-only"), main], {
    cwd: home,
    env: { PATH: process.env.PATH, CDKTF_OUTDIR: outdir, TS_NODE_PROJECT: join(root, "tsconfig.json") },
    stdio: "pipe",
  });
  const [stack = ""] = readdirSync(join(outdir, "stacks"));
  cpSync(join(outdir, "stacks", stack), cwd, { recursive: true });
  return cwd;
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
