import type { World } from "./world";

/** What is done to a process at one of its numbered moments. */
export type Stroke =
  /** It dies, before the moment takes effect. */
  | "kill"
  /** The connection that the moment belongs to falls silent for good. */
  | "mute"
  /** It is told, and goes on. */
  | "tell";

/**
 * A process that exists in the world only: code that runs as this process. Each time it hands bytes to a socket, gets
 * bytes from one, or wakes up, is a moment with a number, at which it can be struck.
 */
export class SimulatedProcess {
  /** Nothing happens to it any more. */
  isDead = false;
  /** Moments so far. */
  moments = 0;
  /** What each moment was, for people who look at a failure. */
  readonly log: string[] = [];
  readonly #mourners: (() => void)[] = [];

  constructor(
    private readonly world: World,
    private readonly strike?: { readonly at: number; readonly stroke: Stroke; readonly onStrike?: () => void },
  ) {}

  /** Counts a moment. True when the bytes or the awakening reach their goal. */
  moment(what: string, mute?: () => void): boolean {
    if (this.isDead) return false;
    this.moments++;
    this.log.push(what);
    if (this.strike?.at !== this.moments) return true;
    if (this.strike.stroke === "mute" && mute === undefined) return true;
    this.strike.onStrike?.();
    if (this.strike.stroke === "tell") return true;
    if (this.strike.stroke === "kill") this.kill();
    else mute?.();
    return false;
  }

  /** Ends it as SIGKILL does. */
  kill(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.world.bury(this);
    for (const mourn of this.#mourners.splice(0)) mourn();
  }

  /** Calls when it dies; at once when it is dead. */
  onDeath(mourn: () => void): void {
    if (this.isDead) mourn();
    else this.#mourners.push(mourn);
  }
}
