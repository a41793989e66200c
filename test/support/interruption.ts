/** Terraform runs that are struck at a moment that the grid itself counts. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { poll } from "../../lib/core/backoff";
import { systemClock } from "../../lib/core/clock";
import type { Devgrid } from "../../lib/devgrid/devgrid";
import type { GridProject } from "./grid-project";
import type { RunningCommand, TerraformResult } from "./terraform";

/** When a run is interrupted: as soon as the grid has served so much more than before it. */
export interface Moment {
  readonly what: "extrinsics" | "messages" | "writes" | "jobs";
  readonly more: number;
}

/** What is done to a run. False when there was nobody to do it to. */
export type Blow = (command: RunningCommand) => boolean;

/** Ctrl-C in a terminal: Terraform and the provider get it. */
export const controlC: Blow = (command) => {
  command.signal("SIGINT");
  return command.child.exitCode === null;
};

/** Ctrl-C, and once more as soon as Terraform has heard the first: it gives up everything and goes. */
export const controlCTwice: Blow = (command) => {
  let heard = "";
  const listen = (part: Buffer) => {
    heard += part;
    if (!heard.includes("Interrupt received")) return;
    command.child.stdout?.off("data", listen);
    command.signal("SIGINT");
  };
  command.child.stdout?.on("data", listen);
  return controlC(command);
};

/** Terraform dies; nobody tells the provider. */
export const killTerraform: Blow = ({ child }) => child.kill("SIGKILL");

/** The provider dies under Terraform, unless none is running just now. Each thread of Terraform has its own children. */
export const killProvider: Blow = ({ child }) => {
  const tasks = `/proc/${child.pid}/task`;
  const threads = existsSync(tasks) ? readdirSync(tasks) : [];
  const pids = threads.flatMap((thread) => readFileSync(join(tasks, thread, "children"), "utf8").match(/\d+/g) ?? []);
  for (const pid of pids) process.kill(Number(pid), "SIGKILL");
  return pids.length > 0;
};

/** Waits until no process is at home in a directory any more, where the system tells. @throws {Error} when one lives on */
export async function awaitDeserted(dir: string): Promise<void> {
  if (!existsSync("/proc")) return;
  const inside = () =>
    readdirSync("/proc").filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === dir;
      } catch {
        // No process, or one that has just gone.
        return false;
      }
    });
  const onTimeout = () => new Error(`processes ${inside().join(", ")} live on`);
  await poll({ clock: systemClock, firstMs: 50, maxMs: 500, deadlineMs: 60_000, onTimeout }, async () =>
    inside().length === 0 ? true : undefined,
  );
}

/** Starts a command, with a provider of its own, and strikes at the moment; a command that ends before gets away. */
export async function interrupted(
  { grid, terraform }: GridProject,
  args: readonly string[],
  { moment, blow }: { readonly moment: Moment; readonly blow: Blow },
): Promise<TerraformResult & { readonly isStruck: boolean }> {
  const target = served(grid, moment.what) + moment.more;
  const command = terraform.start(args, { TF_REATTACH_PROVIDERS: "" });
  let isStruck = false;
  const watch = setInterval(() => {
    if (served(grid, moment.what) < target) return;
    clearInterval(watch);
    isStruck = blow(command);
  }, 2);
  const result = await command.done;
  clearInterval(watch);
  return { ...result, isStruck };
}

function served(grid: Devgrid, what: Moment["what"]): number {
  const { chain, relay, nodes } = grid.stats();
  if (what === "extrinsics") return chain.extrinsics;
  if (what === "messages") return relay.messages;
  return Object.values(nodes).reduce((sum, node) => sum + node[what], 0);
}
