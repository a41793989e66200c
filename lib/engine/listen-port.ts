import { GridError, quote } from "../core/errors";
import type { KeyDerivation } from "../model/key-derivation";
import { usableListenPorts } from "../model/mesh";
import type { EngineContext } from "./context";

/** Ports networks draw from: 1024 to 32767. @source official clients' own range */
const FIRST_PORT = 1024;
const PORT_COUNT = 32_768 - FIRST_PORT;

/** How many derived candidates are tried; a node holds a few dozen networks at most. */
const CANDIDATES = 64;

/** Whose port is wanted. */
export interface PortOwner {
  /** Identity of the object that the network belongs to. */
  readonly identity: string;
  /** Node it listens on. */
  readonly nodeId: number;
}

/**
 * The first of the owner's derived ports that is free on the node: a repeated run finds the same one, and two objects
 * rarely race for one. Chosen once, then kept in state.
 *
 * @throws {GridError} TFG_NODE_UNREACHABLE; TFG_NO_PORT when every candidate is taken
 */
export async function chooseListenPort(context: EngineContext, keys: KeyDerivation, owner: PortOwner): Promise<number> {
  const node = await context.chain.getNode(owner.nodeId, context.signal);
  if (!node) return derivedPorts(keys, owner)[0] ?? FIRST_PORT;
  const nodes = await context.nodes();
  const taken = await nodes.call(node.twinId, "zos.network.list_wg_ports", undefined, { signal: context.signal });
  const [port] = usableListenPorts(derivedPorts(keys, owner), readPorts(taken));
  if (port !== undefined) return port;
  throw new GridError({
    code: "TFG_NO_PORT",
    summary: `Node ${owner.nodeId} has no free WireGuard port among the ${CANDIDATES} tried.`,
    facts: { for: owner.identity },
    standing: "Nothing was made for it.",
    remedy: "place it on another node.",
  });
}

function derivedPorts(keys: KeyDerivation, owner: PortOwner): number[] {
  const bytes = keys.bytes({ kind: "wireguard-port", ...owner }, CANDIDATES * 4);
  return Array.from({ length: CANDIDATES }, (_, index) => FIRST_PORT + (bytes.readUInt32BE(index * 4) % PORT_COUNT));
}

function readPorts(answer: unknown): number[] {
  if (answer === null) return [];
  if (Array.isArray(answer) && answer.every((port) => typeof port === "number")) return answer;
  throw new GridError({
    code: "TFG_NODE_ANSWER",
    summary: "A node answered with something that is no list of ports.",
    facts: { answer: quote(answer) },
    standing: "Nothing was changed.",
    remedy: "try again, or use another node.",
    retryable: true,
  });
}
