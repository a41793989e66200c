import { poll } from "../core/backoff";
import { GridError } from "../core/errors";
import type { Deployment } from "../model/deployment";
import { signDeployment } from "../model/signature-requirement";
import type { EngineContext } from "./context";
import { type DeploymentAddress, getFromNode, isUnreachable, refusalOf } from "./node/node-deployments";

/** How long a document is offered to a node that does not answer. */
const OFFER_MS = 60_000;

/**
 * Hands a document to its node: signed once, and only the same bytes are ever offered again after a lost answer.
 * Returns when the node has taken it (it works on it afterwards).
 *
 * @throws {GridError} TFG_NODE_REFUSED with the node's words; TFG_NODE_UNREACHABLE after a minute of silence
 */
export async function deliver(
  context: EngineContext,
  command: "zos.deployment.deploy" | "zos.deployment.update",
  sent: { readonly address: DeploymentAddress; readonly document: Deployment },
): Promise<void> {
  const { address, document } = sent;
  const nodes = await context.nodes();
  const signed = signDeployment(document, context.twinId, context.chain.account);
  const attempt: Attempt = { context, address, document, last: undefined };
  await poll(
    {
      clock: context.clock,
      signal: context.signal,
      firstMs: 500,
      maxMs: 5_000,
      deadlineMs: OFFER_MS,
      onTimeout: () => attempt.last ?? new Error("unreachable: a wait that never failed cannot time out"),
    },
    async () => {
      try {
        await nodes.call(address.nodeTwinId, command, signed, { signal: context.signal });
        return true;
      } catch (error) {
        return hasArrived(error, attempt);
      }
    },
  );
}

/** One document on its way. */
interface Attempt {
  readonly context: EngineContext;
  readonly address: DeploymentAddress;
  readonly document: Deployment;
  /** What the last offer failed with. */
  last: GridError | undefined;
}

/** True when the document is there after all, undefined when it should be offered again; throws what is final. */
async function hasArrived(error: unknown, attempt: Attempt): Promise<true | undefined> {
  const said = refusalOf(error);
  if (!(error instanceof GridError) || (said === undefined && !isUnreachable(error))) throw error;
  attempt.last = error;
  if (said === undefined) return undefined;
  // After an answer that was lost, which the message bus mends by itself, a refusal may only mean that it had arrived.
  const { context, address, document } = attempt;
  const view = await getFromNode(await context.nodes(), address, { signal: context.signal });
  if (view.kind === "present" && view.deployment.version >= document.version) return true;
  // Said of what was sent before; any other refusal holds, whether or not the node is still there to ask.
  if (said === "exists" && view.kind === "unreachable") {
    attempt.last = view.cause;
    return undefined;
  }
  // A node frees names some seconds after a contract ended: seen when an object is replaced on the same node.
  if (/: conflict$/.test(said)) return undefined;
  throw error;
}
