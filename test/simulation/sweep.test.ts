/**
 * Runs struck at numbered moments: the provider or Terraform dies, an answer never comes, Ctrl-C once and twice, on a
 * backend that keeps the state at once and on one that keeps it 20 s late. The next run finishes the job as if nothing
 * had been. `npm run sweep` takes every moment; here a seeded sample.
 */
import { Dice } from "../support/plan-truth/dice";
import { Lab } from "../support/simulation/lab";
import type { Blow } from "../support/simulation/simulated-terraform";
import { STORIES } from "../support/simulation/stories";
import { struck, type Trial, undisturbed } from "../support/simulation/sweep";

jest.setTimeout(600_000);

const SAMPLE = Number(process.env.SWEEP_SAMPLE ?? 6);
const BLOWS: readonly Blow[] = ["kill", "mute", "stop", "kill-terraform", "stop-twice"];

let lab: Lab;
let trials = 0;

beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(async () => {
  await lab?.close();
});

const ONLY = new RegExp(process.env.SWEEP_STORIES ?? "");

test.each(STORIES.filter(({ title }) => ONLY.test(title)).map((story, index) => ({ ...story, index })))("$title", async ({ index, ...story }) => {
  if (lab.isLittered()) lab = await lab.anew();
  const dice = new Dice(index + 1);
  const course = await undisturbed(lab, story);
  const problems: string[] = [];
  for (let count = 0; count < SAMPLE; count++) {
    const trial: Trial = {
      walk: "apply",
      at: 1 + dice.below(course.moments.apply),
      stroke: dice.pick(BLOWS),
      backend: dice.pick(["local", "http"]),
    };
    problems.push(...(await struck(lab, story, course, trial)));
    trials++;
    if (problems.length > 0) break;
  }
  expect(problems).toEqual([]);
});
