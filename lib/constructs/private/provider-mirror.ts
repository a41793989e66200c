import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { PROVIDER_SOURCE } from "../../core/provider-source";

/** Systems a package is written for; the content is the same, so all share one hash. */
const platforms = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"] as const;

/**
 * What Terraform executes. A shell script rather than the bundle itself: a file without extension under a `package.json`
 * of type "module" would be loaded as an ES module. Its message is one line on stdout, the only thing Terraform shows.
 */
const launcher = `#!/bin/sh
if ! command -v node >/dev/null 2>&1; then
  echo "The ThreeFold provider runs on Node.js, and there is no node on the PATH: install Node.js 20.9 or later from https://nodejs.org, then run the same command again."
  exit 1
fi
exec node "$(dirname "$0")/provider.cjs" "$@"
`;

/** What goes into a mirror, and where. */
export interface MirrorOptions {
  readonly stackDir: string;
  readonly packageDir: string;
  readonly version: string;
}

/** Writes the version into the implied local mirror of a directory, removes others, and returns one platform's directory. */
export function writeMirror({ stackDir, packageDir, version }: MirrorOptions): string {
  const terraformDir = join(stackDir, "terraform.d");
  const providerDir = join(terraformDir, "plugins", ...PROVIDER_SOURCE.split("/"));
  mkdirSync(providerDir, { recursive: true });
  // Built aside and renamed, so that a Terraform that runs at the same time sees all of it or nothing.
  const staging = mkdtempSync(join(terraformDir, ".staging-"));
  // Temporary directories are private; a mirror may be read by whoever runs Terraform.
  chmodSync(staging, 0o755);
  try {
    for (const platform of platforms) writePackage(join(staging, platform), packageDir, version);
    replaceDirectory(staging, join(providerDir, version));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  for (const name of readdirSync(providerDir)) {
    if (name !== version) rmSync(join(providerDir, name), { recursive: true, force: true });
  }
  return join(providerDir, version, platforms[0]);
}

function writePackage(directory: string, packageDir: string, version: string): void {
  mkdirSync(directory);
  // Terraform runs the first file, by name, that starts like this: nothing else in the package may.
  const executable = join(directory, `terraform-provider-${basename(PROVIDER_SOURCE)}_v${version}`);
  writeFileSync(executable, launcher);
  chmodSync(executable, 0o755);
  for (const name of readdirSync(packageDir)) linkOrCopy(join(packageDir, name), join(directory, name));
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another file system, or one without hard links: copies work as well, they only take space.
    copyFileSync(from, to);
  }
}

/** Puts a directory in the place of another, which is moved out of the way first: a rename cannot replace a full one. */
function replaceDirectory(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  const old = `${from}.old`;
  if (existsSync(to)) renameSync(to, old);
  renameSync(from, to);
  rmSync(old, { recursive: true, force: true });
}
