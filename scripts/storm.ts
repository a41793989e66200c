/**
 * Random lives of random stacks on a hostile grid, by the thousand, on every core.
 *
 *     npm run storm -- --seeds 5000
 *     npm run storm -- --seeds 200 --from 40001
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

/** Seeds of one process: a grid is made for each, and what jest keeps of them grows. */
const SEEDS_PER_PROCESS = 50;

interface Share {
  readonly from: number;
  readonly seeds: number;
}

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: "string" }, from: { type: "string" } } });
  const seeds = wholeNumber("seeds", values.seeds ?? "1000");
  const first = wholeNumber("from", values.from ?? "1");
  const waiting = sharesOf(first, seeds);
  let done = 0;
  const failing: string[] = [];
  const work = async () => {
    for (let share = waiting.shift(); share; share = waiting.shift()) {
      failing.push(...(await runShare(share)));
      done += share.seeds;
      process.stderr.write(`${done} of ${seeds} storms, ${failing.length} left something behind\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  if (failing.length > 0) process.stdout.write(`${failing.join("\n")}\nAgain: <line> npx jest test/simulation/storm\n`);
  process.exitCode = failing.length > 0 ? 1 : 0;
}

function sharesOf(first: number, seeds: number): Share[] {
  const count = Math.ceil(seeds / SEEDS_PER_PROCESS);
  return Array.from({ length: count }, (_, index) => {
    const from = first + index * SEEDS_PER_PROCESS;
    return { from, seeds: Math.min(SEEDS_PER_PROCESS, first + seeds - from) };
  });
}

/** Gives what repeats each seed that failed. */
function runShare({ from, seeds }: Share): Promise<string[]> {
  const env = { ...process.env, STORM_FROM: String(from), STORM_SEEDS: String(seeds) };
  const jest = spawn("npx", ["jest", "-i", "test/simulation/storm"], { env, stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  jest.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    jest.once("error", reject);
    jest.once("close", (code) => {
      const found = [...new Set(text.match(/STORM_FROM=\d+ STORM_SEEDS=1/g) ?? [])];
      resolve(code !== 0 && found.length === 0 ? [`STORM_FROM=${from} STORM_SEEDS=${seeds}`] : found);
    });
  });
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} is "${text}"; it has to be a whole number from 1 on`);
  return Number(text);
}
