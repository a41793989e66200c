import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeProviderEntry } from "../../scripts/bundle/provider-package";
import { bundleSplitCjs } from "../../scripts/bundle/split-cjs";

/** The provider, bundled the way it is published. */
export interface PackagedProvider {
  readonly packageDir: string;
  remove(): void;
}

/** Bundles the provider into a temporary directory. */
export async function packageProvider(): Promise<PackagedProvider> {
  const dir = mkdtempSync(join(tmpdir(), "provider-package-"));
  const main = join(__dirname, "..", "..", "lib", "provider", "main.ts");
  await bundleSplitCjs({ entries: { "provider/main": main }, outdir: dir, chunkDir: "provider" });
  const packageDir = join(dir, "provider");
  writeProviderEntry(packageDir);
  return { packageDir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
