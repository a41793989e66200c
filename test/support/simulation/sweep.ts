/** Strikes a run at each of its moments and sees that the next one finishes the job as if nothing had been. */
import { isDeepStrictEqual } from "node:util";
import { secondClient } from "../second-client";
import type { Lab } from "./lab";
import type { Blow, RunResult, SimulatedTerraform, StackConfig, Strike } from "./simulated-terraform";
import type { Backend } from "./state-store";

/** A change of a stack. */
export interface Story {
  readonly title: string;
  /** What stands before. @default nothing */
  readonly before?: StackConfig;
  /** What it is changed to. @default nothing */
  readonly after?: StackConfig;
}

/** What the change comes to when nothing goes wrong. */
export interface Course {
  readonly moments: RunResult["moments"];
  readonly actions: RunResult["actions"];
  readonly contractsMade: number;
  readonly picture: readonly string[];
}

/** One trial: where it is struck, and what becomes of the state. */
export interface Trial extends Strike {
  readonly backend: Backend;
  /** The working directory is lost with the run. */
  readonly isLost?: boolean;
}

const NOTHING: StackConfig = { resource: {} };

/** Runs that may be needed after a strike: one, or two when the first of them is told how to find what was lost. */
const MAX_RUNS = 3;

/** The change without a strike. */
export async function undisturbed(lab: Lab, story: Story): Promise<Course> {
  const terraform = await prepared(lab, story, "local");
  const made = lab.contractsMade();
  const { moments, actions, errors } = await lab.run(() => terraform.apply(story.after ?? NOTHING));
  if (errors.length > 0) throw new Error(`${story.title} fails without any strike:\n${errors.join("\n")}`);
  const course = { moments, actions, contractsMade: lab.contractsMade() - made, picture: lab.picture() };
  await end(lab, terraform);
  return course;
}

/** One struck change. Gives what is wrong in the end; empty when all is well. */
export async function struck(lab: Lab, story: Story, course: Course, trial: Trial): Promise<string[]> {
  const terraform = await prepared(lab, story, trial.backend);
  const made = lab.contractsMade();
  const first = await lab.run(() => terraform.apply(story.after ?? NOTHING, trial));
  const where = terraform.lastProcess?.log.slice(-3).join(", ");
  if (trial.isLost) terraform.store.lose();
  // What an empty state knows nothing of has to be found again before it can be ended.
  const isFoundFirst = trial.isLost === true && endsSomething(story);
  const refound = isFoundFirst ? await finished(lab, story.before ?? NOTHING, { terraform, trial }) : [];
  const rest = await finished(lab, story.after ?? NOTHING, { terraform, trial });
  const problems = [...taintedBy(trial.stroke, terraform), ...refound, ...rest];
  const again = lab.contractsMade() - made;
  // Who interrupts a move has what it made taken back, and pays for it again; so does who makes anew what had ended.
  const isTakenBack = trial.stroke === "stop" || trial.stroke === "stop-twice" || isFoundFirst;
  if (!isTakenBack && again !== course.contractsMade)
    problems.push(`${again} contracts were made, ${course.contractsMade} are needed`);
  if (!isDeepStrictEqual(lab.picture(), course.picture)) problems.push(...unlike(course.picture, lab.picture()));
  const left = await end(lab, terraform);
  const context = `${story.title}, ${describe(trial)} (${where}; ${first.errors.join(" | ").slice(0, 300)})`;
  return [...problems, ...left].map((problem) => `${context}: ${problem}`);
}

async function prepared(lab: Lab, story: Story, backend: Backend): Promise<SimulatedTerraform> {
  const terraform = lab.terraform({ backend });
  if (!story.before) return terraform;
  const { errors } = await lab.run(() => terraform.apply(story.before as StackConfig));
  if (errors.length > 0) throw new Error(`${story.title} cannot be prepared:\n${errors.join("\n")}`);
  return terraform;
}

/** Whether a story takes anything out of the configuration. */
function endsSomething({ before, after }: Story): boolean {
  const addresses = (config = NOTHING) =>
    Object.entries(config.resource).flatMap(([type, objects]) => Object.keys(objects).map((name) => `${type}.${name}`));
  const kept = addresses(after);
  return addresses(before).some((address) => !kept.includes(address));
}

/** Runs until a run has nothing to say any more. */
async function finished(
  lab: Lab,
  wanted: StackConfig,
  { terraform, trial }: { readonly terraform: SimulatedTerraform; readonly trial: Trial },
): Promise<string[]> {
  let config = wanted;
  let errors: readonly string[] = [];
  const told: string[] = [];
  for (let run = 0; run < MAX_RUNS; run++) {
    const result = await lab.run(() => terraform.apply(config));
    errors = result.errors;
    told.push(...oneLine(result.said));
    if (errors.length === 0) break;
    const adopt = lineageToAdopt(errors.join("\n"));
    if (adopt === undefined) return errors.map((error) => `the next run fails: ${error}`);
    config = adopting(config, adopt);
  }
  if (errors.length > 0) return [`${MAX_RUNS} runs were not enough: ${errors.join("\n")}`];
  if (trial.isLost) {
    const { said } = await lab.run(() => terraform.plan(config));
    told.push(...oneLine(said));
    await cancelAsTold(lab, terraform, told);
  }
  const { actions, errors: planErrors } = await lab.run(() => terraform.plan(config));
  return [
    ...planErrors,
    ...Object.entries(actions).map(([address, action]) => `the plan after it is not empty: ${action} ${address}`),
    ...lab.differences([terraform.store.state]),
  ];
}

/** What was said to a user, each message with its detail on one line. */
export function oneLine(said: readonly { readonly summary: string; readonly detail: string }[]): string[] {
  return said.map(({ summary, detail }) => `${summary}: ${detail}`.replaceAll("\n", " "));
}

/** Does what a user is told to do with contracts that a lost state has left where the configuration wants nothing any more. */
async function cancelAsTold(lab: Lab, { store }: SimulatedTerraform, told: readonly string[]): Promise<void> {
  const left = toldToCancel(lab.unnamed(store.state), told);
  if (left.length === 0) return;
  const asUser = <T>(work: () => Promise<T>) => lab.run(() => lab.world.as(undefined, work));
  const user = await asUser(() => secondClient(lab.grid, undefined, "ed25519"));
  for (const contractId of left) await asUser(() => user.cancel(contractId));
  await asUser(() => user.close());
  await lab.control("dev.awaitNodes");
}

async function end(lab: Lab, terraform: SimulatedTerraform): Promise<string[]> {
  const { errors } = await lab.run(() => terraform.destroy());
  const left = lab.grid.chain.listContracts().map(({ contractId }) => contractId);
  return [...errors, ...(left.length > 0 ? [`contracts ${left} are left over after a destroy`] : [])];
}

/** One Ctrl-C taints nothing. */
function taintedBy(blow: Blow, { store }: SimulatedTerraform): string[] {
  if (blow !== "stop") return [];
  return [...store.state].flatMap(([address, { isTainted }]) => (isTainted ? [`${address} is tainted`] : []));
}

/** Those of the contracts that warnings, each on one line, say to cancel. */
export function toldToCancel(contractIds: readonly number[], told: readonly string[]): number[] {
  const advice = told.filter((text) => text.includes("cancel it"));
  return contractIds.filter((id) =>
    advice.some((text) => new RegExp(`\\bcontract .*\\b${id} on node \\d+`, "i").test(text)),
  );
}

/** The lineage that errors say to adopt. */
export function lineageToAdopt(errors: string): string | undefined {
  return /adopt = "([^"]+)"/.exec(errors)?.[1];
}

/** A configuration that takes over what a lost state of its project has left. */
export function adopting(config: StackConfig, adopt: string): StackConfig {
  const projects = Object.entries(config.resource.threefold_project ?? {});
  return {
    resource: {
      ...config.resource,
      threefold_project: Object.fromEntries(projects.map(([name, block]) => [name, { ...block, adopt }])),
    },
  };
}

function unlike(wanted: readonly string[], found: readonly string[]): string[] {
  return [
    ...wanted.filter((each) => !found.includes(each)).map((each) => `missing ${each.slice(0, 300)}`),
    ...found.filter((each) => !wanted.includes(each)).map((each) => `unexpected ${each.slice(0, 300)}`),
  ];
}

function describe({ stroke, at, backend, isLost }: Trial): string {
  return `SWEEP_TRIAL="${stroke} ${at} ${backend}${isLost ? " lost" : ""}"`;
}
