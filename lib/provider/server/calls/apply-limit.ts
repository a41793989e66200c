import type { Clock } from "../../../core/clock";
import { isParallelismChosen, RAISED_PARALLELISM, TERRAFORM_PARALLELISM } from "../../parallelism";

/** What to tell the user. */
export interface LimitHint {
  readonly summary: string;
  readonly detail: string;
}

/** Shorter than a block of a real chain, and long for everything that Terraform does between two calls. */
const MOMENT_MS = 2_000;

/**
 * Notices that the changes of one walk are held back by the limit that Terraform has when nobody gave it another one. It
 * says nowhere what waits. But it starts at once whatever may run: where ten changes stand for a while without an eleventh,
 * and one begins the moment that one of them ended, ten is the limit. That the new one waited for what just ended, of
 * exactly ten, looks the same, so the hint claims no more than what was seen.
 */
export class ApplyLimit {
  readonly #clock: Clock;
  /** Nothing is left to be found out or told. */
  #isSettled: boolean;
  #running = 0;
  #fullSince = 0;
  #freedAt = Number.NEGATIVE_INFINITY;
  #isHoldingBack = false;

  constructor(clock: Clock, env: NodeJS.ProcessEnv) {
    this.#clock = clock;
    this.#isSettled = isParallelismChosen(env, ["apply", "destroy"]);
  }

  /** A change begins. */
  begin(): void {
    const now = this.#clock.now();
    this.#running += 1;
    if (this.#running > TERRAFORM_PARALLELISM) this.#isSettled = true;
    if (this.#running === TERRAFORM_PARALLELISM) this.#fullSince = now;
    if (now - this.#freedAt < MOMENT_MS) this.#isHoldingBack = true;
  }

  /** A change has ended. Gives the hint if there is reason for one, once. */
  end(): LimitHint | undefined {
    const now = this.#clock.now();
    const isFull = this.#running === TERRAFORM_PARALLELISM;
    if (isFull && now - this.#fullSince >= MOMENT_MS) this.#freedAt = now;
    this.#running -= 1;
    if (this.#isSettled || !this.#isHoldingBack) return undefined;
    this.#isSettled = true;
    return HINT;
  }
}

const HINT: LimitHint = {
  summary: `Terraform carried out ${TERRAFORM_PARALLELISM} changes at a time, and others began only when one of these had ended`,
  detail: [
    "Nothing is wrong. Objects that do not need each other can wait for the same blocks of the chain, however many they are:",
    "with a higher limit such stacks are finished sooner. Next time, as it suits you:",
    `  npx threefold deploy (or destroy), which is cdktf with ${RAISED_PARALLELISM} at a time`,
    `  cdktf deploy --terraform-parallelism ${RAISED_PARALLELISM}`,
    `  terraform apply -parallelism=${RAISED_PARALLELISM}, or tofu`,
  ].join("\n"),
};
