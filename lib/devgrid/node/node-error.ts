/** A refusal in the very words that a node sends back: the only thing a deployer learns of what went wrong. */
export class NodeError extends Error {}

/** An update was refused and what ran before runs on: ends as state `unchanged`, seen in `changes` only. */
export class UnchangedError extends NodeError {}

/** Runs a step of something bigger; a refusal comes out with what was being tried in front of it. */
export function trying<T>(what: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof UnchangedError || !(error instanceof NodeError)) throw error;
    throw new NodeError(`${what}: ${error.message}`);
  }
}
