import { systemClock } from "../core/clock";
import type { Log } from "../core/log";
import type { DevgridDescription, DevgridStartOptions } from "../devgrid/devgrid";
import type { Command, Terminal } from "./command";
import { type DevgridOptions, parseDevgridOptions } from "./devgrid-options";

const HELP = `Usage: threefold devgrid [options]

Runs a whole ThreeFold Grid on this machine: chain, message bus, directory, GraphQL, identity check and 12 nodes, with a
funded account. It speaks the same wire formats as the real grid and costs nothing. Runs until Ctrl-C or SIGTERM.

Options:
  --json                  print exactly one line of JSON when ready, instead of a table
  --state FILE            keep the grid in FILE, so that it survives a restart (default: in memory)
  --block-time SECONDS    time between blocks, 0.05 to 3600, or "instant": a block for each extrinsic (default: 6)
  --chain-port N          fixed port; likewise --relay-port, --directory-port, --graphql-port, --kyc-port,
                          --dns-port and --control-port (default: any free one, another one after each start)
  --idle-exit MINUTES     end when nothing was asked for so long (default: never)

Examples:
  threefold devgrid
  threefold devgrid --block-time instant --state .devgrid.json
  threefold devgrid --json --chain-port 9944 --idle-exit 30`;

/** `threefold devgrid`: the emulated grid as a process of its own. */
export const devgridCommand: Command = {
  help: HELP,
  run: async (args, terminal) => {
    const options = parseDevgridOptions(args);
    const { Devgrid } = await import("../devgrid/devgrid");
    const grid = await Devgrid.start(startOptions(options, terminal));
    try {
      const description = grid.describe();
      terminal.out(options.isJson ? `${JSON.stringify(description)}\n` : table(description, options));
      await untilDone(terminal.stop, options.idleExitMs, () => grid.activity());
      return 0;
    } finally {
      await grid.close();
    }
  },
};

function startOptions({ stateFile, blockMs, ports }: DevgridOptions, terminal: Terminal): DevgridStartOptions {
  const log: Log = (level, message, fields) => {
    if (level !== "warn" && level !== "error") return;
    terminal.err(`${level}: ${message}${fields ? ` ${JSON.stringify(fields)}` : ""}\n`);
  };
  return { stateFile, blockMs, ports, log };
}

/** Resolves when the process is asked to stop, or when the activity count stood still for the given time. */
async function untilDone(stop: AbortSignal, idleMs: number | undefined, activity: () => number): Promise<void> {
  if (idleMs === undefined) {
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener("abort", resolve, { once: true }));
    return;
  }
  const pause = Math.min(idleMs / 4, 10_000);
  let seen = activity();
  let since = systemClock.now();
  while (!stop.aborted && systemClock.now() - since < idleMs) {
    // An abort ends the pause early; the loop's own condition then ends the wait.
    await systemClock.sleep(pause, stop).catch(() => undefined);
    const now = activity();
    if (now !== seen) {
      seen = now;
      since = systemClock.now();
    }
  }
}

function table(grid: DevgridDescription, { stateFile, blockMs }: DevgridOptions): string {
  const pace = blockMs === "instant" ? "a block for each extrinsic" : `a block every ${blockMs / 1000} s`;
  const services = (["chain", "relay", "directory", "graphql", "kyc", "dns", "control"] as const).map(
    (name) => `  ${name.padEnd(9)}  ${grid[name]}`,
  );
  const nodes = grid.nodes.map(
    ({ nodeId, twinId, farmId, country, city }) =>
      `  ${String(nodeId).padStart(4)}  ${String(twinId).padStart(4)}  ${String(farmId).padStart(4)}  ${city}, ${country}`,
  );
  return `${[
    `The grid is running: ${grid.nodes.length} nodes, ${pace}, ${stateFile ? `state in ${stateFile}` : "in memory"}.`,
    "",
    ...services,
    "",
    "  node  twin  farm  place",
    ...nodes,
    "",
    `Account: twin ${grid.twinId}. Public knowledge, of use on this grid only:`,
    `  export MNEMONIC="${grid.mnemonic}"`,
    "Properties of a GridStack that is to use it (in Terraform: chain_urls, relay_urls, directory_urls, dns_servers):",
    '  network: "devgrid",',
    "  endpoints: {",
    `    chain: ["${grid.chain}"],`,
    `    relay: ["${grid.relay}"],`,
    `    directory: ["${grid.directory}"],`,
    `    dns: ["${grid.dns}"],`,
    "  },",
    "Stop with Ctrl-C.",
  ].join("\n")}\n`;
}
