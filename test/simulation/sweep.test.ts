/**
 * Runs struck at numbered moments: the provider or Terraform dies, an answer never comes, Ctrl-C once and twice, on a
 * backend that keeps the state at once, on one that keeps it 20 s late, and with a state that is lost. The next run
 * finishes the job as if nothing had been. Here a seeded sample, `npm run sweep` takes every moment:
 *
 * - `SWEEP_SAMPLE` trials of each story, drawn with `SWEEP_SEED`; `all` for every moment, blow and backend
 * - `SWEEP_STORIES` a pattern for their titles
 * - `SWEEP_TRIAL` repeats one of them: `kill 17 http`, `stop 4 local lost`
 */
import { Dice } from "../support/plan-truth/dice";
import { Lab } from "../support/simulation/lab";
import { BLOWS, type Blow } from "../support/simulation/simulated-terraform";
import { BACKENDS, type Backend } from "../support/simulation/state-store";
import { STORIES } from "../support/simulation/stories";
import { type Course, struck, type Trial, undisturbed } from "../support/simulation/sweep";

const { SWEEP_SAMPLE = "2", SWEEP_SEED = "1", SWEEP_STORIES = "", SWEEP_TRIAL } = process.env;
const stories = STORIES.filter(({ title }) => new RegExp(SWEEP_STORIES).test(title));

if (SWEEP_SAMPLE === "all") jest.setTimeout(24 * 3_600_000);

let lab: Lab;
let done = 0;

beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(async () => {
  await lab?.close();
  process.stderr.write(`${done} struck runs of ${stories.length} stories\n`);
});

test.each(stories)("$title", async (story) => {
  if (lab.isLittered()) lab = await lab.anew();
  const course = await undisturbed(lab, story);
  for (const trial of trialsOf(course, STORIES.indexOf(story))) {
    expect(await struck(lab, story, course, trial)).toEqual([]);
    done++;
  }
});

function trialsOf(course: Course, index: number): Iterable<Trial> {
  if (SWEEP_TRIAL) return [readTrial(SWEEP_TRIAL)];
  return SWEEP_SAMPLE === "all" ? everyTrial(course) : sample(course, Number(SWEEP_SEED) * 1000 + index);
}

function* sample({ moments }: Course, seed: number): Generator<Trial> {
  const dice = new Dice(seed);
  for (let count = 0; count < Number(SWEEP_SAMPLE); count++) {
    const at = 1 + dice.below(moments.apply);
    const trial = { walk: "apply", at, stroke: dice.pick(BLOWS), backend: dice.pick(BACKENDS) } as const;
    yield { ...trial, isLost: isLosable(trial.stroke) && dice.chance(20) };
  }
}

function* everyTrial({ moments }: Course): Generator<Trial> {
  for (let at = 1; at <= moments.apply; at++) {
    for (const stroke of BLOWS) {
      for (const backend of BACKENDS) yield { walk: "apply", at, stroke, backend };
      if (isLosable(stroke)) yield { walk: "apply", at, stroke, backend: "local", isLost: true };
    }
  }
}

/** A machine that dies takes its working directory along. */
function isLosable(stroke: Blow): boolean {
  return stroke === "kill-terraform";
}

function readTrial(text: string): Trial {
  const [stroke, at, backend, lost] = text.split(" ");
  return {
    walk: "apply",
    at: Number(at),
    stroke: stroke as Blow,
    backend: backend as Backend,
    isLost: lost === "lost",
  };
}
