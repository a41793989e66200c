/**
 * Builds what runs by itself: `dist/provider/` (the Terraform provider, as it is put into mirrors, and beside it the
 * command line, which the provider starts as the embedded grid), `dist/threefold.cjs` (the command of the package),
 * `dist/provider.json` (the provider's version) and `dist/THIRD_PARTY_LICENSES.txt`.
 * Every build has a version of its own; `npm publish` and `--release` take the one of package.json.
 */
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { developmentVersion, writeProviderEntry } from "./bundle/provider-package";
import { bundleSplitCjs } from "./bundle/split-cjs";
import { thirdPartyLicenses } from "./bundle/third-party-licenses";

const root = join(__dirname, "..");
const dist = join(root, "dist");
const providerDir = join(dist, "provider");
const commandLine = join(dist, "threefold.cjs");

async function main(): Promise<void> {
  rmSync(providerDir, { recursive: true, force: true });
  const metafile = await bundleSplitCjs({
    entries: {
      "provider/main": join(root, "lib/provider/main.ts"),
      "provider/threefold": join(root, "lib/cli/threefold.ts"),
    },
    outdir: dist,
    chunkDir: "provider",
  });
  writeFileSync(commandLine, '#!/usr/bin/env node\nrequire("./provider/threefold.cjs");\n');
  chmodSync(commandLine, 0o755);
  writeProviderEntry(providerDir);
  const { version: release } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  // What is published carries the version of the package; every other build one of its own.
  const isRelease = process.argv.includes("--release") || process.env.npm_command === "publish";
  const version = isRelease ? release : developmentVersion(release, providerDir);
  writeFileSync(join(dist, "provider.json"), `${JSON.stringify({ version })}\n`);
  writeFileSync(join(dist, "THIRD_PARTY_LICENSES.txt"), thirdPartyLicenses(metafile));
  console.log(`provider ${version} and threefold in dist/`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
