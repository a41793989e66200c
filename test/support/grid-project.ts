/**
 * A Terraform project on a devgrid of its own: real Terraform, our provider in the jest process, real sockets to every
 * service of the grid.
 */
import { installProviderMirror } from "../../lib/constructs/private/provider-package";
import { silentLog } from "../../lib/core/log";
import { PROVIDER_SOURCE } from "../../lib/core/provider-source";
import { Devgrid, type DevgridStartOptions } from "../../lib/devgrid/devgrid";
import type { ImageHub } from "../../lib/grid/clients";
import { defineProvider } from "../../lib/provider/definition";
import type { PackagedProvider } from "./packaged-provider";
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

/** How a project and its grid are set up. */
interface GridProjectOptions extends DevgridStartOptions {
  /** @default a hub that has every image, so that nothing is looked up outside */
  readonly images?: ImageHub;
}

/** A hub that has every image, so that nothing is looked up outside. */
export const ALL_THERE: ImageHub = { look: async () => ({ kind: "there" }), md5Of: async () => undefined };

/** Starts both. Blocks are made as soon as there is something to put in them, unless the options say otherwise. */
export async function startGridProject({
  images = ALL_THERE,
  ...options
}: GridProjectOptions = {}): Promise<GridProject> {
  const grid = await Devgrid.start({ blockMs: "instant", log: silentLog, ...options });
  const env: Record<string, string | undefined> = { THREEFOLD_MNEMONIC: grid.describe().mnemonic };
  const terraform = await TerraformProject.attached(
    defineProvider({ env, log: silentLog, clock: options.clock, images }),
  );
  return gridProject(grid, terraform, env);
}

/**
 * The same with the provider in a process of its own, started by Terraform for each of its walks.
 *
 * @param settings of the provider, beside its endpoints
 */
export async function startPackagedProject(
  { packageDir }: PackagedProvider,
  options: DevgridStartOptions = {},
  settings: Record<string, unknown> = {},
): Promise<GridProject> {
  const version = "1.2.3";
  const grid = await Devgrid.start({ blockMs: "instant", log: silentLog, ...options });
  const terraform = new TerraformProject({
    env: { THREEFOLD_MNEMONIC: grid.describe().mnemonic },
    providers: { threefold: { source: PROVIDER_SOURCE, version } },
  });
  const { dir: stackDir, env } = terraform;
  installProviderMirror({ stackDir, packageDir, version, requiredProviders: [], environment: env });
  const project = gridProject(grid, terraform, env, settings);
  project.write({});
  await terraform.init("-lockfile=readonly");
  return project;
}

/** The same, but cheaper: what nobody interrupts goes to a provider in this process, and keys are of the kind that needs no WebAssembly. */
export async function startInterruptedProject(
  packaged: PackagedProvider,
  options: DevgridStartOptions,
): Promise<GridProject> {
  const project = await startPackagedProject(packaged, options, { key_type: "ed25519" });
  const { env, terraform } = project;
  await terraform.attach(defineProvider({ env: { ...env }, log: silentLog, images: ALL_THERE }));
  return project;
}

function gridProject(
  grid: Devgrid,
  terraform: TerraformProject,
  env: Record<string, string | undefined>,
  settings: Record<string, unknown> = {},
): GridProject {
  const { chain, relay, directory, dns } = grid.describe();
  const urls = { chain_urls: [chain], relay_urls: [relay], directory_urls: [directory], dns_servers: [dns] };
  const provider = { ...urls, ...settings };
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
