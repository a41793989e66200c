import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeProviderEntry } from "../../scripts/bundle/provider-package";
import { bundleSplitCjs } from "../../scripts/bundle/split-cjs";

/** The lab provider, bundled the way the real one is, and a directory for its world. */
export interface PackagedLab {
  readonly packageDir: string;
  readonly worldDir: string;
  remove(): void;
}

/** Bundles the lab provider into a temporary directory. */
export async function packageLab(): Promise<PackagedLab> {
  const dir = mkdtempSync(join(tmpdir(), "lab-package-"));
  const packageDir = join(dir, "provider");
  const worldDir = join(dir, "world");
  mkdirSync(worldDir);
  await bundleSplitCjs({
    entries: { "provider/main": join(__dirname, "lab-main.ts") },
    outdir: dir,
    chunkDir: "provider",
  });
  writeProviderEntry(packageDir);
  return { packageDir, worldDir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
