import { GridError, hasCode } from "../../core/errors";
import type { EngineContext } from "../../engine/context";

/** How long a node has for an answer: those that are there need a fraction of it. */
const ANSWER_MS = 5_000;

/** Between two tries: a node or a relay that reconnects needs a moment. */
const PAUSE_MS = 2_000;

/** Who is asked. */
export interface Callee {
  readonly nodeId: number;
  /** Twin of the node. */
  readonly twinId: number;
}

/** What of the grid it takes. */
export type MessageBus = Pick<EngineContext, "nodes" | "clock" | "signal">;

/** What came of asking a node: a relay that is out of reach, or does not let us in, says nothing of it. */
type Outcome = "heard" | "silent" | "unclear";

/** Asks nodes over the message bus whether they are there. */
export class RollCall {
  readonly #bus: MessageBus;
  readonly #outcomes = new Map<number, Outcome>();

  constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  /** Asks each node that was not asked yet, all at once. @param tries how often a node is asked before it counts as silent */
  async ask(nodes: readonly Callee[], tries: number): Promise<void> {
    const open = nodes.filter(({ nodeId }) => !this.#outcomes.has(nodeId));
    await Promise.all(
      open.map(async ({ nodeId, twinId }) => this.#outcomes.set(nodeId, await this.#outcome(twinId, tries))),
    );
  }

  /** Whether a node was asked and surely not heard. */
  isSilent(nodeId: number): boolean {
    return this.#outcomes.get(nodeId) === "silent";
  }

  /** Whether a node has answered. */
  isHeard(nodeId: number): boolean {
    return this.#outcomes.get(nodeId) === "heard";
  }

  /** Whether anybody has answered, which shows that the message bus works. */
  get hasHeard(): boolean {
    return [...this.#outcomes.values()].includes("heard");
  }

  async #outcome(twinId: number, tries: number): Promise<Outcome> {
    const { clock, signal } = this.#bus;
    for (let left = tries; ; left--) {
      const outcome = await this.#askOnce(twinId);
      if (outcome !== "silent" || left <= 1) return outcome;
      await clock.sleep(PAUSE_MS, signal);
    }
  }

  /** A refusal is an answer, too. */
  async #askOnce(twinId: number): Promise<Outcome> {
    const { nodes, signal } = this.#bus;
    try {
      const client = await nodes();
      await client.call(twinId, "zos.system.version", undefined, { timeoutMs: ANSWER_MS, signal });
      return "heard";
    } catch (error) {
      if (signal.aborted || !(error instanceof GridError)) throw error;
      if (hasCode(error, "TFG_NODE_UNREACHABLE")) return "silent";
      return hasCode(error, "TFG_NODE_REFUSED") ? "heard" : "unclear";
    }
  }
}
