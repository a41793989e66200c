/** Writes `lib/constructs/gen`: the typed L1 classes, from the schemas of the provider. A test keeps them up to date. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { threefoldBindings } from "./bindings/threefold-bindings";

const target = join(__dirname, "../lib/constructs/gen");

async function main(): Promise<void> {
  const files = await threefoldBindings();
  rmSync(target, { recursive: true, force: true });
  for (const [path, content] of files) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), content);
  }
  console.log(`${files.size} files in lib/constructs/gen`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
