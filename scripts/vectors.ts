/**
 * Checks the model against known answers from the real systems: `npm run vectors -- FILE…`, or without files the copies
 * in test/vectors. Prints a line per file and per failing case, then the totals; exits with 1 when anything fails.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { checkVectors, type VectorReport } from "../test/support/vectors/check-vectors";

const COPIES = join(__dirname, "..", "test", "vectors");

async function main(files: readonly string[]): Promise<void> {
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    const { format, results } = await reportOn(file);
    const failures = results.filter(({ error }) => error !== undefined);
    passed += results.length - failures.length;
    failed += failures.length;
    console.log(
      `${failures.length === 0 ? "ok  " : "FAIL"} ${file} (${format}): ${results.length - failures.length} of ${results.length}`,
    );
    for (const { name, error } of failures) console.log(`     ${name}: ${error}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

/** A file that cannot be read or recognised counts as one failed case. */
async function reportOn(file: string): Promise<VectorReport> {
  try {
    return await checkVectors(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    return {
      format: "unusable",
      results: [{ name: file, error: error instanceof Error ? error.message : String(error) }],
    };
  }
}

function copies(): string[] {
  return readdirSync(COPIES)
    .filter((name) => name.endsWith(".json"))
    .map((name) => relative(process.cwd(), join(COPIES, name)));
}

const given = process.argv.slice(2);
void main(given.length > 0 ? given : copies());
