/**
 * Puts the provider beside a synthesised stack, where Terraform finds it without any configuration: as the implied local
 * mirror `terraform.d/plugins`, and with an entry in the dependency lock file. Plain `cdktf deploy` then works offline.
 *
 * @source observed with Terraform 1.11 and cdktf-cli 0.21
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GridError } from "../../core/errors";
import { PROVIDER_SOURCE } from "../../core/provider-source";
import { cliConfigWarning } from "./cli-config";
import { packageHash } from "./package-hash";
import { lockProviders, type RequiredProvider } from "./provider-lock";
import { writeMirror } from "./provider-mirror";

/** The provider as this package ships it. */
export interface ProviderPackage {
  /** Directory with everything the provider needs to run. */
  readonly packageDir: string;
  /** Exact version, for `required_providers` and the mirror. */
  readonly version: string;
}

/** Where the provider goes, and what else the stack needs. */
export interface InstallProviderOptions extends ProviderPackage {
  /** Directory Terraform will run in. */
  readonly stackDir: string;
  /** Every provider the stack requires, as in `terraform.required_providers`. */
  readonly requiredProviders: readonly RequiredProvider[];
  /** Where the user's Terraform settings are looked up. @default the environment of this process */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * The provider this package ships.
 *
 * @throws {GridError} TFG_PROVIDER_NOT_BUILT in a checkout that was not built
 */
export function findProviderPackage(): ProviderPackage {
  // Installed, this file is in dist/constructs/private; in a checkout in lib/constructs/private.
  const candidates = [join(__dirname, "../.."), join(__dirname, "../../../dist")];
  const dist = candidates.find((directory) => existsSync(join(directory, "provider.json")));
  if (!dist) throw notBuilt();
  const { version } = JSON.parse(readFileSync(join(dist, "provider.json"), "utf8"));
  return { packageDir: join(dist, "provider"), version };
}

/**
 * Installs the provider into a stack directory. Returns warnings to show to the user; safe to repeat.
 *
 * @throws {GridError} TFG_STACK_DIRECTORY when it cannot be written
 */
export function installProviderMirror(options: InstallProviderOptions): readonly string[] {
  const warnings = writeProvider(options);
  const ofConfig = cliConfigWarning(options.environment ?? process.env);
  return ofConfig ? [...warnings, ofConfig] : warnings;
}

function writeProvider({
  stackDir,
  packageDir,
  version,
  requiredProviders,
}: InstallProviderOptions): readonly string[] {
  try {
    const directory = writeMirror({ stackDir, packageDir, version });
    const own = { source: PROVIDER_SOURCE, version, hash: packageHash(directory) };
    return lockProviders(stackDir, own, requiredProviders);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw unwritable(stackDir, error);
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === "object" && error !== null && "syscall" in error;
}

function unwritable(stackDir: string, cause: NodeJS.ErrnoException): GridError {
  return new GridError({
    code: "TFG_STACK_DIRECTORY",
    summary: "The Terraform provider cannot be put beside the stack.",
    facts: { directory: stackDir, reason: cause.message },
    standing: "Nothing was started.",
    remedy: "make the directory writable; or set installProvider: false where the provider comes from somewhere else.",
    cause,
  });
}

function notBuilt(): GridError {
  return new GridError({
    code: "TFG_PROVIDER_NOT_BUILT",
    summary: "The Terraform provider of this checkout was not built yet.",
    standing: "Nothing was written.",
    remedy: "run `npm run build` in the checkout of cdktf-threefold.",
  });
}
