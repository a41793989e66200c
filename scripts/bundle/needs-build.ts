import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** What the built package is made of. */
const SOURCES = ["lib", "scripts/bundle", "scripts/bundle.ts", "package.json", "tsconfig.build.json"];

/** What the build writes last. */
const RESULTS = ["dist/index.js", "dist/threefold.cjs", "dist/THIRD_PARTY_LICENSES.txt"];

/** True when nothing was built yet, or a source is younger than what was built. */
export function needsBuild(root: string): boolean {
  const results = RESULTS.map((path) => join(root, path));
  if (!results.every((path) => existsSync(path))) return true;
  const oldest = Math.min(...results.map((path) => statSync(path).mtimeMs));
  return SOURCES.some((path) => youngest(join(root, path)) > oldest);
}

function youngest(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => youngest(join(path, name))));
}
