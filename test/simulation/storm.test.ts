/**
 * Random lives of random stacks on a hostile grid. `STORM_SEEDS` says how many (`npm run storm -- --seeds N` runs
 * thousands), `STORM_FROM` where they begin; a failing one is repeated by `STORM_FROM=<seed> STORM_SEEDS=1`.
 */
import { Lab } from "../support/simulation/lab";
import { storm } from "../support/simulation/storm";

const FROM = Number(process.env.STORM_FROM ?? 1);
const SEEDS = Number(process.env.STORM_SEEDS ?? 200);

jest.setTimeout(24 * 3_600_000);

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ provisionMs: 200 });
});
afterAll(() => lab?.close());

async function weather(seed: number) {
  lab = await lab.anew(seed);
  return storm(lab, seed);
}

test(`state and grid agree after each of ${SEEDS} storms`, async () => {
  const failing: string[] = [];
  let runs = 0;
  for (let seed = FROM; seed < FROM + SEEDS; seed++) {
    const report = await weather(seed);
    runs += report.runs;
    if (report.problems.length > 0) failing.push(`STORM_FROM=${seed} STORM_SEEDS=1\n  ${report.problems.join("\n  ")}`);
  }
  process.stderr.write(`${SEEDS} storms, ${runs} runs of Terraform\n`);
  expect(failing).toEqual([]);
});

test("a seed repeats itself to the last byte that was sent", async () => {
  const first = await weather(FROM);
  const second = await weather(FROM);
  expect(second.trace).toBe(first.trace);
  expect((await weather(FROM + 1)).trace).not.toBe(first.trace);
});
