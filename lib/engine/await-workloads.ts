import { poll } from "../core/backoff";
import type { Deployment } from "../model/deployment";
import type { AnyWorkload } from "../model/workloads/workload";
import type { EngineContext } from "./context";
import type { DeploymentTarget } from "./deployment-target";
import { deployTimeout } from "./errors";
import { type DeploymentAddress, getChanges, isUnreachable, refusalOf } from "./node/node-deployments";

/** A workload that a node did not bring up. */
export interface WorkloadFailure {
  /** Its name. */
  readonly name: string;
  /** State the node gave: error, deleted, paused or unchanged. */
  readonly state: string;
  /** The node's own words. */
  readonly message: string;
}

/** How a wait for workloads ended. */
export type WaitOutcome =
  | { readonly kind: "ok"; readonly workloads: readonly AnyWorkload[] }
  | { readonly kind: "failed"; readonly failures: readonly WorkloadFailure[] };

/** Questions a node may refuse during one wait. */
const MAX_REFUSALS = 5;

/** Longest wait for one version of a deployment, in milliseconds: what official clients give a node. */
const WAIT_MS = 10 * 60_000;

/**
 * Waits until the node has dealt with every workload of the document at its version, and with the removed ones.
 * A node that is silent for a while is asked again until the deadline.
 *
 * @throws {GridError} TFG_DEPLOY_TIMEOUT after 10 minutes; the signal's reason when interrupted
 */
export async function awaitWorkloads(
  context: EngineContext,
  target: DeploymentTarget,
  sent: {
    readonly address: DeploymentAddress;
    readonly document: Deployment;
    /** What the document leaves out for now, as it was before. */
    readonly removed: readonly AnyWorkload[];
  },
): Promise<WaitOutcome> {
  const nodes = await context.nodes();
  let waiting: readonly string[] = sent.document.workloads.map(({ name }) => name);
  let refusals = 0;
  const { clock, signal } = context;
  return poll(
    {
      clock,
      signal,
      firstMs: 150,
      maxMs: 5_000,
      deadlineMs: WAIT_MS,
      onTimeout: () => deployTimeout(target, sent.address.contractId, waiting),
    },
    async () => {
      const changes = await getChanges(nodes, sent.address, { signal }).catch((error) => {
        if (isUnreachable(error)) return undefined;
        // A busy node answers a question with an error now and then: that is no reason to take back what it works on.
        if (refusalOf(error) === undefined || ++refusals > MAX_REFUSALS) throw error;
        return undefined;
      });
      if (changes === undefined) return undefined;
      const progress = progressOf(changes, sent.document, sent.removed);
      waiting = progress.waiting;
      if (progress.failures.length > 0) return { kind: "failed" as const, failures: progress.failures };
      return waiting.length === 0 ? { kind: "ok" as const, workloads: progress.done } : undefined;
    },
  );
}

interface Progress {
  readonly done: readonly AnyWorkload[];
  readonly waiting: readonly string[];
  readonly failures: readonly WorkloadFailure[];
}

/** Reads the node's history: the last entry of each name counts, and only at the version that was sent. */
export function progressOf(
  changes: readonly AnyWorkload[],
  document: Deployment,
  removed: readonly AnyWorkload[],
): Progress {
  const last = new Map(changes.map((entry) => [entry.name, entry]));
  const entries = document.workloads.map(({ name, version }) => {
    const entry = last.get(name);
    return { name, entry: entry?.version === version ? entry : undefined };
  });
  const isBroken = (entry: AnyWorkload | undefined) => entry !== undefined && FAILED.includes(entry.result.state);
  const isDone = (entry: AnyWorkload | undefined) => entry?.result.state === "ok";
  // A failed removal leaves the name in error: the next round sends the update again.
  const stuck = removed.filter((before) => hasFailedSince(before, last.get(before.name)));
  const leaving = removed.filter((before) => last.get(before.name)?.result.state !== "deleted");
  return {
    done: entries.flatMap(({ entry }) => (entry && isDone(entry) ? [entry] : [])),
    waiting: [...entries.filter(({ entry }) => !isDone(entry) && !isBroken(entry)), ...leaving].map(({ name }) => name),
    failures: [
      ...entries.flatMap(({ entry }) => (entry && isBroken(entry) ? [failureOf(entry)] : [])),
      ...stuck.flatMap(({ name }) => last.get(name) ?? []).map(failureOf),
    ],
  };
}

/** What was broken before its removal is still so until the node comes to it. */
function hasFailedSince(before: AnyWorkload, now: AnyWorkload | undefined): boolean {
  if (now?.result.state !== "error") return false;
  const { state, created, message } = before.result;
  return state !== "error" || created !== now.result.created || message !== now.result.message;
}

/** States in which a node gives up on a workload until it is told anew. */
const FAILED: readonly string[] = ["error", "deleted", "paused", "unchanged"];

function failureOf({ name, result }: AnyWorkload): WorkloadFailure {
  return { name, state: result.state, message: result.message };
}
