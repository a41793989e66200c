import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { DevgridDescription } from "../../lib/devgrid/devgrid";
import type { DevgridStats } from "../../lib/devgrid/devgrid-stats";

/** What a grid served, of the things that cost money or change something. */
export interface Served {
  /** Signed extrinsics in blocks. */
  readonly extrinsics: number;
  /** Deployments that nodes were sent, new and changed. */
  readonly nodeWrites: number;
}

/** What stands on a grid. */
export interface Standing {
  /** Contracts that are billed. */
  readonly contracts: number;
  /** Workloads on all nodes. */
  readonly workloads: number;
}

/** How a grid is started. */
export interface LocalGridOptions {
  /** The `threefold` command. */
  readonly threefold: string;
  /** Holds its state and log; what THREEFOLD_DEVGRID_HOME names for the provider. */
  readonly home: string;
  /** Seconds, or `instant`. */
  readonly blockTime: string;
}

const START_MS = 30_000;
const STOP_MS = 10_000;

/** A grid in a process of its own, asked over its wires only. */
export class LocalGrid {
  readonly description: DevgridDescription;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, description: DevgridDescription) {
    this.#child = child;
    this.description = description;
  }

  /** Starts a grid; resolves when every service answers. @throws {Error} with what it said when it does not come up */
  static async start({ threefold, home, blockTime }: LocalGridOptions): Promise<LocalGrid> {
    const log = join(home, "devgrid.log");
    const args = ["devgrid", "--json", "--state", join(home, "state.json"), "--block-time", blockTime];
    // In a session of its own, so that Ctrl-C ends the deployment first and the grid under it last.
    const child = spawn(process.execPath, [threefold, ...args, "--idle-exit", "30"], {
      detached: true,
      stdio: ["ignore", "pipe", openSync(log, "w")],
    });
    const line = await firstLine(child);
    if (line !== undefined) return new LocalGrid(child, JSON.parse(line) as DevgridDescription);
    child.kill("SIGKILL");
    throw new Error(`The local grid did not start. It said:\n\n${readFileSync(log, "utf8").trim().slice(-2000)}`);
  }

  /** What it served so far, counted by the grid itself. */
  async served(): Promise<Served> {
    const { chain, nodes } = (await this.#control("dev.stats")) as DevgridStats;
    const nodeWrites = Object.values(nodes).reduce((sum, { writes }) => sum + writes, 0);
    return { extrinsics: chain.extrinsics, nodeWrites };
  }

  /** What stands, as its directory lists it. */
  async standing(): Promise<Standing> {
    const { directory } = this.description;
    const contracts = await getJson(`${directory}/contracts?state=Created,GracePeriod&size=1000`);
    const stats = (await getJson(`${directory}/stats?status=up`)) as { workloads_number: number };
    return { contracts: (contracts as unknown[]).length, workloads: stats.workloads_number };
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((done) => this.#child.once("exit", done));
    this.#child.kill("SIGTERM");
    const deadline = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(deadline);
  }

  async #control(method: string): Promise<unknown> {
    const body = JSON.stringify({ method, params: [] });
    const answer = (await getJson(this.description.control, { method: "POST", body })) as { result: unknown };
    return answer.result;
  }
}

async function getJson(url: string, init: RequestInit = {}): Promise<unknown> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  return answer.json();
}

/** The first line a process prints; undefined when it ends or takes too long. */
async function firstLine(child: ChildProcess): Promise<string | undefined> {
  const { stdout } = child;
  if (!stdout) return undefined;
  const lines = createInterface({ input: stdout });
  const deadline = setTimeout(() => lines.close(), START_MS);
  try {
    return await new Promise((done) => lines.once("line", done).once("close", () => done(undefined)));
  } finally {
    clearTimeout(deadline);
    lines.close();
  }
}
