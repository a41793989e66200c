import { GridError, quote } from "../../core/errors";
import type { KeyDerivation } from "../../model/key-derivation";
import { usableListenPorts } from "../../model/mesh";
import type { EngineContext } from "../context";
import { askFirst, type Intent } from "./ask-first";
import { type LooseDeployment, listOwnDeployments } from "./own-deployments";

/** Ports networks draw from: 1024 to 32767. @source official clients' own range */
const FIRST_PORT = 1024;
const PORT_COUNT = 32_768 - FIRST_PORT;

/** How many derived candidates are tried; a node holds a few dozen networks at most. */
const CANDIDATES = 64;

/** Whose port is wanted. */
export interface PortOwner extends Intent {
  /** Identity of the object that the network belongs to. */
  readonly identity: string;
  /** The network's name on the grid. */
  readonly networkName: string;
}

/**
 * The first of the owner's derived ports that is free on the node: a repeated run finds the same one, and two objects
 * rarely race for one. Chosen once, then kept in state; what a lost run left on the node keeps the port it has.
 *
 * @throws {GridError} TFG_NO_NODE, TFG_NODE_UNREACHABLE; TFG_NO_PORT when every candidate is taken
 */
export async function chooseListenPort(context: EngineContext, keys: KeyDerivation, owner: PortOwner): Promise<number> {
  return askFirst(context, owner, async (nodeTwinId) => {
    const nodes = await context.nodes();
    const options = { signal: context.signal };
    const taken = readPorts(await nodes.call(nodeTwinId, "zos.network.list_wg_ports", undefined, options));
    const candidates = derivedPorts(keys, owner);
    const [first] = usableListenPorts(candidates, []);
    const [free] = usableListenPorts(candidates, taken);
    if (free !== undefined && free === first) return free;
    const port = portInUse(await listOwnDeployments(context, nodeTwinId), owner.networkName) ?? free;
    if (port === undefined) throw noPort(owner);
    return port;
  });
}

/** Port of the account's own network of that name: what a lost run left there. */
function portInUse(deployments: readonly LooseDeployment[], networkName: string): number | undefined {
  const workloads = deployments.flatMap(({ workloads }) => workloads);
  const port = workloads.find(({ name }) => name === networkName)?.data.wireguard_listen_port;
  return typeof port === "number" ? port : undefined;
}

function noPort(owner: PortOwner): GridError {
  return new GridError({
    code: "TFG_NO_PORT",
    summary: `Node ${owner.nodeId} has no free WireGuard port among the ${CANDIDATES} tried.`,
    facts: { for: owner.title },
    standing: "Nothing was made for it.",
    remedy: "place it on another node.",
  });
}

function derivedPorts(keys: KeyDerivation, { identity, nodeId }: PortOwner): number[] {
  const bytes = keys.bytes({ kind: "wireguard-port", identity, nodeId }, CANDIDATES * 4);
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
