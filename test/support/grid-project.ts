/**
 * A Terraform project on a devgrid of its own: real Terraform, our provider in the jest process, real sockets to every
 * service of the grid.
 */
import { silentLog } from "../../lib/core/log";
import { Devgrid, type DevgridStartOptions } from "../../lib/devgrid/devgrid";
import { defineProvider } from "../../lib/provider/definition";
import { TerraformProject } from "./terraform";

/** A project and the grid it deploys to. */
export interface GridProject {
  readonly grid: Devgrid;
  readonly terraform: TerraformProject;
  /** Provider block for this grid. */
  readonly provider: Record<string, unknown>;
  /** Environment the provider sees beside its configuration. */
  readonly env: Record<string, string | undefined>;
  /** Writes a configuration with the provider block added. */
  write(config: Record<string, unknown>): void;
  close(): Promise<void>;
}

/** Starts both. Blocks are made as soon as there is something to put in them, unless the options say otherwise. */
export async function startGridProject(options: DevgridStartOptions = {}): Promise<GridProject> {
  const grid = await Devgrid.start({ blockMs: "instant", log: silentLog, ...options });
  const { chain, relay, directory, mnemonic } = grid.describe();
  const env: Record<string, string | undefined> = { THREEFOLD_MNEMONIC: mnemonic };
  const terraform = await TerraformProject.attached(defineProvider({ env, log: silentLog, clock: options.clock }));
  const provider = { chain_urls: [chain], relay_urls: [relay], directory_urls: [directory] };
  return {
    grid,
    terraform,
    provider,
    env,
    write: (config) => terraform.write({ provider: { threefold: provider }, ...config }),
    close: async () => {
      await terraform.remove();
      await grid.close();
    },
  };
}

/** Everything that still stands or runs on a grid: contracts by number, deployments as `node/contract`. */
export function leftovers(grid: Devgrid): { readonly contracts: number[]; readonly deployments: string[] } {
  const deployments = [...grid.nodes].flatMap(([nodeId, node]) =>
    node.snapshot().deployments.map((record) => `${nodeId}/${record.contractId}`),
  );
  return { contracts: grid.chain.listContracts().map(({ contractId }) => contractId), deployments };
}

/** Nothing stands and nothing runs. */
export const NOTHING = { contracts: [], deployments: [] };
