/**
 * The main job, end to end, for somebody who has just cloned this: `npm run demo` starts a grid of its own with blocks
 * every 6 s as on the real one, deploys examples/00-demo to it with plain `cdktf deploy`, shows what runs, deploys again
 * to show that nothing is sent, destroys everything and shows that the grid is empty.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readStateFile } from "../lib/cli/stack/stack-state";
import { messageOf } from "../lib/core/errors";
import { needsBuild } from "./bundle/needs-build";
import { CDKTF, runCommand } from "./demo/command";
import { LocalGrid, type Served } from "./demo/local-grid";
import { Progress, type Step } from "./demo/progress";
import { findTerraform } from "./demo/terraform-binary";
import { whatRuns } from "./demo/what-runs";

const HELP = `Deploys a mesh, a machine and a zdb to a local emulated grid, shows what runs, and destroys it. No account, no cost.

  npm run demo -- [options]

  --block-time SECONDS   time between blocks, or "instant" (default: 6, as on the real chain)
  --no-build             use what is in dist/, even if its sources are younger
  --help                 this text`;

const root = resolve(__dirname, "..");
const example = join(root, "examples", "00-demo");

const TITLES = {
  build: "build the package",
  grid: "start a local grid",
  deploy: "cdktf deploy",
  again: "cdktf deploy, again",
  destroy: "cdktf destroy",
} as const;

/** Everything the steps share. */
interface Demo {
  readonly progress: Progress;
  /** A copy of the example, so that nobody's own deployment of it is touched. */
  readonly project: string;
  readonly logFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stop: AbortSignal;
}

async function main(stop: AbortSignal): Promise<number> {
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({ options: { "block-time": { type: "string" }, "no-build": flag, help: flag } });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const terraform = await findTerraform(process.env);
  const project = makeProject();
  const progress = new Progress(process.stdout, Object.values(TITLES), stop);
  const env = environment(terraform.command, project);
  progress.print("A mesh, a machine and a zdb on a local emulated grid,");
  progress.print(`deployed by cdktf and ${terraform.title}.\n`);
  try {
    const demo: Demo = { progress, project, logFile: join(project, "demo.log"), env, stop };
    if (!values["no-build"] && needsBuild(root)) await build(demo);
    await onGrid(demo, values["block-time"] ?? "6");
  } catch (error) {
    if (stop.aborted) rmSync(project, { recursive: true });
    const where = stop.aborted ? "" : `\n\nThe project and everything that was said: ${project}`;
    throw new Error(`${messageOf(error)}${where}`, { cause: error });
  }
  rmSync(project, { recursive: true });
  const program = join(relative(root, example), "main.ts");
  progress.print(`\nDone in ${progress.elapsed()} s. The program that was deployed: ${program}`);
  return 0;
}

async function build({ progress, env, logFile, stop }: Demo): Promise<void> {
  await progress.run(TITLES.build, async ({ doing, result }) => {
    doing("npm run build");
    await runCommand(["npm", "run", "build"], { cwd: root, env, logFile, onLine: doing, stop });
    result("constructs, provider and local grid are in dist/");
  });
}

async function onGrid(demo: Demo, blockTime: string): Promise<void> {
  const grid = await startGrid(demo, blockTime);
  try {
    await showLife(demo, grid);
  } finally {
    await grid.stop();
  }
}

function startGrid({ progress, env }: Demo, blockTime: string): Promise<LocalGrid> {
  return progress.run(TITLES.grid, async ({ result }) => {
    const home = String(env.THREEFOLD_DEVGRID_HOME);
    const grid = await LocalGrid.start({ threefold: join(root, "dist", "threefold.cjs"), home, blockTime });
    const pace = blockTime === "instant" ? "a block for each extrinsic" : `a block every ${blockTime} s`;
    result(`${grid.description.nodes.length} nodes, ${pace}`);
    return grid;
  });
}

/** Deploy, look, deploy again, destroy, look. */
async function showLife(demo: Demo, grid: LocalGrid): Promise<void> {
  await demo.progress.run(TITLES.deploy, async (step) => {
    await runCdktf(demo, "deploy", step);
    const { extrinsics, nodeWrites } = await grid.served();
    step.result(`${extrinsics} extrinsics, ${nodeWrites} deployments sent to nodes`);
  });
  await showWhatRuns(demo, grid);
  await demo.progress.run(TITLES.again, async (step) => {
    const before = await grid.served();
    const said = await runCdktf(demo, "deploy", step);
    const sent = difference(await grid.served(), before);
    step.result(`no changes: ${sent.extrinsics} extrinsics, ${sent.nodeWrites} node writes`);
    if (!said.includes("No changes.")) throw new Error(`The second deployment changed something:\n\n${said}`);
    if (sent.extrinsics + sent.nodeWrites > 0) throw new Error(`The second deployment sent ${JSON.stringify(sent)}.`);
  });
  await demo.progress.run(TITLES.destroy, async (step) => {
    await runCdktf(demo, "destroy", step);
    const { contracts, workloads } = await grid.standing();
    step.result(`the grid is empty: ${contracts} contracts, ${workloads} workloads`);
    if (contracts + workloads > 0) throw new Error(`${contracts} contracts and ${workloads} workloads are left.`);
  });
}

async function showWhatRuns({ progress, project }: Demo, grid: LocalGrid): Promise<void> {
  const countries = new Map(grid.description.nodes.map(({ nodeId, country }) => [nodeId, country]));
  const state = readStateFile(join(project, "terraform.demo.tfstate"));
  const { contracts, workloads } = await grid.standing();
  progress.print(`\nRunning, by the grid's own count: ${contracts} contracts, ${workloads} workloads.\n`);
  progress.print(`${whatRuns(state, (nodeId) => countries.get(nodeId) ?? "")}\n`);
}

/** As the user would type it; `--auto-approve` as nobody is there to be asked. */
function runCdktf({ project, env, logFile, stop }: Demo, command: "deploy" | "destroy", step: Step): Promise<string> {
  step.doing("synthesising");
  return runCommand([process.execPath, CDKTF, command, "--auto-approve"], {
    cwd: project,
    env,
    logFile,
    stop,
    onLine: (line) => {
      const event = eventIn(line);
      if (event) step.doing(event);
    },
  });
}

/** What a line of output says about what is going on; undefined for all the others. */
function eventIn(line: string): string | undefined {
  const init = /Initializing (?:the backend|provider plugins)/.exec(line);
  if (init) return init[0];
  const [, object, event] = /(threefold_\S+|data\.threefold_\S+).*?: ([A-Z].*)$/.exec(line) ?? [];
  return object && event ? `${object}: ${event}` : undefined;
}

function difference(after: Served, before: Served): Served {
  return {
    extrinsics: after.extrinsics - before.extrinsics,
    nodeWrites: after.nodeWrites - before.nodeWrites,
  };
}

/** A copy of the example under this checkout, from where Node.js finds the package by its name. */
function makeProject(): string {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const project = mkdtempSync(join(root, ".cache", "demo-"));
  mkdirSync(join(project, "grid"), { mode: 0o700 });
  const isSource = (path: string) => !/cdktf\.out|\.tfstate/.test(relative(example, path));
  cpSync(example, project, { recursive: true, filter: isSource });
  return project;
}

/** The user's own, without what would name another account or grid. */
function environment(terraform: string, project: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(MNEMONIC$|NETWORK$|THREEFOLD_|CDKTF_)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    CHECKPOINT_DISABLE: "1",
    CI: "1",
    TERRAFORM_BINARY_NAME: terraform,
    THREEFOLD_DEVGRID_HOME: join(project, "grid"),
  };
}

/** Aborts at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new Error("Stopped. The local grid was ended, and everything on it with it."));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return stop.signal;
}

const stop = stopSignal();
main(stop).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(`\n${error.message}`);
    process.exitCode = stop.aborted ? 130 : 1;
  },
);
