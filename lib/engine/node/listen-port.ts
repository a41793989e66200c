import { GridError, quote } from "../../core/errors";
import type { KeyDerivation } from "../../model/key-derivation";
import { usableListenPorts } from "../../model/mesh";
import type { EngineContext } from "../context";
import { askFirst, type Intent } from "./ask-first";

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
    const ask = (command: string) => nodes.call(nodeTwinId, command, undefined, { signal: context.signal });
    const candidates = derivedPorts(keys, owner);
    const [first] = usableListenPorts(candidates, []);
    const [free] = usableListenPorts(candidates, readPorts(await ask("zos.network.list_wg_ports")));
    if (free !== undefined && free === first) return free;
    const port = portInUse(await ask("zos.deployment.list"), owner.networkName) ?? free;
    if (port === undefined) throw noPort(owner);
    return port;
  });
}

/** Port of the account's own network of that name. Deployments of other clients may look like anything. */
function portInUse(deployments: unknown, networkName: string): number | undefined {
  const workloads = Array.isArray(deployments) ? deployments.flatMap((each) => listIn(each, "workloads")) : [];
  const network = workloads.find((workload) => isRecord(workload) && workload.name === networkName);
  const data = isRecord(network) && isRecord(network.data) ? network.data : {};
  return typeof data.wireguard_listen_port === "number" ? data.wireguard_listen_port : undefined;
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = isRecord(value) ? value[name] : undefined;
  return Array.isArray(list) ? list : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
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
