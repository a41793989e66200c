/**
 * Writes what comes from the schemas of the provider: the typed L1 classes in `lib/constructs/gen`, and the reference in
 * `docs`. Tests keep both up to date.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { providerDefinition } from "../lib/provider/definition";
import { threefoldBindings } from "./bindings/threefold-bindings";
import { referencePages } from "./reference/reference-pages";

const root = join(__dirname, "..");

async function main(): Promise<void> {
  replace("lib/constructs/gen", ["."], await threefoldBindings());
  replace("docs", ["resources", "data-sources", "provider.md"], referencePages(providerDefinition));
}

/** Puts fresh files where the old ones were. */
function replace(target: string, owned: readonly string[], files: ReadonlyMap<string, string>): void {
  for (const path of owned) rmSync(join(root, target, path), { recursive: true, force: true });
  for (const [path, content] of files) {
    mkdirSync(dirname(join(root, target, path)), { recursive: true });
    writeFileSync(join(root, target, path), content);
  }
  console.log(`${files.size} files in ${target}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
